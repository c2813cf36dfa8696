"""A second implementation that restores, written from docs/format/, docs/model.md and docs/learner.md alone.

It is there to prove that these pages say enough, and to be read beside them: names are the pages'
names, speed is nobody's aim, and nothing of nzip is used but its errors. ``python -m nzip.reference
FILE.nz`` is the command; its loops are compiled by numba, which ``nzip[reference]`` installs.
"""
