"""What a site may set: one frozen, typed value, read once at the start and passed on in parts.

Owns names, defaults, limits and the sentence for each mistake. Opens nothing that a setting names, and keeps
secrets out of `repr` and of every error.
"""

from myelin.settings.loading import load_settings
from myelin.settings.rules import RULES
from myelin.settings.values import PASSWORD_COSTS, Listen, Network, PasswordCost, Settings, SettingsError

__all__ = ["PASSWORD_COSTS", "RULES", "Listen", "Network", "PasswordCost", "Settings", "SettingsError", "load_settings"]
