"""Packed streams inside a block are opened. Adding a packed format: a file here, a row in formats.py."""
