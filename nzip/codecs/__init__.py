"""What turns the blocks of a run into coded bytes, and back."""
