"""Training of the next network, `glr2`, which sees what the block so far has taught."""
