"""The one ordered, append-only record: the table, its append function, its tail, the signal to other processes.

Only this package knows the lock and NOTIFY, and only it writes entries.
"""
