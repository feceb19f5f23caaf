"""The Matrix client-server API: a folder for each module of the specification, a file for each tight group."""
