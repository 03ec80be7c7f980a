"""What a run learned, looked at from inside: a file for each look."""
