"""What one entry of the log is: its facts by kind, its commitment, its leaf, its row. Pure."""
