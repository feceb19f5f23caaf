"""Hypothesis without a deadline: how long an example takes says nothing about the property."""

from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
