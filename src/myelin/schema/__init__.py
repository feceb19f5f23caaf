"""The database's schema as numbered migrations, applied once each and in order."""
