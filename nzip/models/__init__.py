"""Trained models: their files, and where they are found."""
