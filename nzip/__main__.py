"""``python -m nzip`` is the ``nzip`` command."""

from nzip.cli import main

if __name__ == "__main__":
    main()
