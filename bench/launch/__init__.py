"""Starts servers on the core that is theirs, each with its own directory, ports and processes, and stops them."""
