"""What engines code in place of the plaintext. Adding a transform: a file here, a row in the table."""
