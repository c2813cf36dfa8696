"""nzip (under construction)."""
