"""nzip inside other libraries: one module for each, which imports it, and which nothing else imports.

`tarfile` has a ``TarFile`` for .tar.nz. `shutil`, `fsspec` and `smart_open` have a ``register()``, to be
called once in a program, for these look nowhere by themselves. numcodecs and zarr find theirs by entry
points.
"""
