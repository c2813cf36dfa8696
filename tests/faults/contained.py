"""Runs an entry point in a control group: contained.py MEMBERS ARGUMENT...

MEMBERS is the group's file cgroup.procs.
"""

import os
import sys

members, *arguments = sys.argv[1:]
with open(members, "w") as file:
    file.write(str(os.getpid()))
os.execv(sys.executable, [sys.executable, *arguments])
