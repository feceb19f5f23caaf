"""What a client asks before it signs in."""
