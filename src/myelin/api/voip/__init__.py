"""Calls: where clients find a relay for their media (client-server API, "Voice over IP")."""
