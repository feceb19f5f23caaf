"""HTTPS without an expert: a root certificate of the hospital's own, and what it signs for this machine."""
