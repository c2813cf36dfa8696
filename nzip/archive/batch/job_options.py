"""What may be said of a job, on the command line and in a job file: one table for both."""

from __future__ import annotations

from nzip.option_table import COMPRESSING, DEVICE, MEMORY, Option
from nzip.option_values import Choice, Flag, Name, Number, Path, Patterns, Size, Switch

ENGINES = ("local", "ray")

# What changes the archives' bytes: for all files, or for those of a rule.
ENCODING = tuple(option for option in COMPRESSING if option.changes_bytes)

ARCHIVES = Option("archives", Size(), "Put files into archives of this size together", changes_bytes=True)
INCLUDE = Option("include", Patterns(), "Only files that match, as in '*.csv' or 'logs/*'", default=[])
EXCLUDE = Option("exclude", Patterns(), "Leave out files and folders that match", default=[])
JOBS = Option("jobs", Number(1), "Threads for all files", shown="cores", letter="j")
ATTEMPTS = Option("attempts", Number(1), "How often a file is tried", default=3, shown="3")
VERIFY = Option("verify", Switch(), "Decode each archive before it gets its name", default=True, shown="yes")
FORCE = Option(
    "force",
    Flag(),
    "Replace files that are not the job's own; resume with another level, other patterns",
    default=False,
    letter="f",
)
ENGINE = Option("engine", Choice(ENGINES), "Where the work is done", default=ENGINES[0], shown=ENGINES[0])
ADDRESS = Option("address", Name(), "The Ray cluster", shown="one on this machine", metavar="HOST:PORT")
LEDGER = Option("ledger", Path(), "The job's records", shown="DIR/.nzip-batch/ledger.sqlite", metavar="FILE")
LOG = Option("log", Path(), "What happened and when", shown="DIR/.nzip-batch/log.txt", metavar="FILE")
OUT = Option("out", Path(), "Where the archives go: a folder that is made if need be", metavar="DIR")
SOURCE = Option("source", Path(), "The folder with the files", metavar="DIR")

# In the order in which the help has them.
COMMAND = (
    OUT,
    INCLUDE,
    EXCLUDE,
    ARCHIVES,
    *ENCODING,
    FORCE,
    JOBS,
    MEMORY,
    ATTEMPTS,
    VERIFY,
    ENGINE,
    ADDRESS,
    DEVICE,
    LEDGER,
    LOG,
)
# By their names: the keys of a job file, and of a rule in it.
JOB = {option.name: option for option in (SOURCE, *COMMAND)}
RULE = {option.name: option for option in ENCODING}
# What changes the archives' bytes, or the set of files. The rest is about how the work is done.
WISH = {option.name: option for option in (*ENCODING, ARCHIVES, INCLUDE, EXCLUDE)}
