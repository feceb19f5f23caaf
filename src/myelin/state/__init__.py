"""What the entries add up to: rooms, members, people, devices; and the fold that says how. Pure."""
