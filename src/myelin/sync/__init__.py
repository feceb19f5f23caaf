"""Reading: `/sync` by sections, and the history of rooms. Nothing here writes."""
