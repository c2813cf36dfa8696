"""What the tests of all hooks need."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # what all tests share
