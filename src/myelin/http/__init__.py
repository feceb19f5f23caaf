"""What all edges share: requests and responses, routes, tokens, errors, limits, CORS."""
