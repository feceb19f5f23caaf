"""Syncing and filters."""
