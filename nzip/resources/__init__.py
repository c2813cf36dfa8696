"""What coding needs beside the data: primes, references, models and devices."""
