"""Batch jobs: every file of a folder to an archive of its own, in a way that can be stopped and resumed."""
