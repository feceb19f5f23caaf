"""The routes, one file for each area; each yields what it is built from and knows no other."""
