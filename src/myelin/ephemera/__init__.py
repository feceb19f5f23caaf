"""What is true for a moment and never in the log: who is typing."""
