"""Files that people upload: bytes outside the log, found by the hash that the log holds."""
