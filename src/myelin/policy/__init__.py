"""What the hospital decides beyond the specification: pure, asked before every event."""
