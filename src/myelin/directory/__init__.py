"""Edge: the directory's sources (files now; AD, SCIM later) become actions."""
