"""Measuring nzip beside other compressors: `nzip bench`."""
