"""Engine 1, context mixing (docs/format/engine1.md and the pages in docs/format/engine1)."""
