"""Training: ``python -m nzip.train``, with what ``nzip[train]`` installs. See docs/training.md."""
