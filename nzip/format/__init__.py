"""The container: what the bytes of an ``.nz`` file mean. Nothing outside this package knows a byte offset.

The package knows no engine and no model: it carries their numbers. docs/format is the specification.
"""
