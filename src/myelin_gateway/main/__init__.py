"""The gateway put together: settings, listeners, and the workers between them. The only place that knows every part."""
