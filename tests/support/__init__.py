"""What tests share."""

from pathlib import Path

TESTS = Path(__file__).parents[1]  # where a program must run to find this package
