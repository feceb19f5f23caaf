"""For whoever runs the server: is it well, and what is it doing."""
