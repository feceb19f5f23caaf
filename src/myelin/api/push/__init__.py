"""Pushers and notifications (client-server API, "Push Notifications")."""
