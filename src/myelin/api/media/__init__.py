"""Files: uploaded, described and downloaded by those who are signed in (client-server API, "Content repository")."""
