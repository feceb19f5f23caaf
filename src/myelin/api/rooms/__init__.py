"""Rooms: made, joined, left; events sent and read."""
