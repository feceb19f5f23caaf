"""What the Matrix API does not have: our own endpoints under /_myelin."""
