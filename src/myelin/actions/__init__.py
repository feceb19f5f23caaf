"""One file for each thing that a person, a device or an administrator does; each returns a proposal."""
