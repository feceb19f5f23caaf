"""Receipts, read markers, typing."""
