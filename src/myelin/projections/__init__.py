"""Tables written from the fold's deltas, read by scope. Each can be made anew from the log."""
