"""Auditors' questions to the log: whether it is whole, and what the projections would be if made anew from it."""
