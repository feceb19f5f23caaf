"""Accounts, sign-in, sessions and devices."""
