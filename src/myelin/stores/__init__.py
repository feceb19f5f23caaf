"""What is current and never proved: credentials, tokens, keys, queues, backups. Written beside entries, read here."""
