"""What belongs to a person: profile, account data, tags, push rules, presence."""
