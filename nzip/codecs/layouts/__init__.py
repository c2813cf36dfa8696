"""Where numbers lie in common files, as their headers say: only encoders ask, and try what they are told."""
