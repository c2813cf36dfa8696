"""Small language models of the Llama architecture, to test nzip's experts with (docs/training.md)."""
