"""Why the embedded database does not start, in one sentence that says what to do."""


class EngineError(Exception):
    """The embedded database cannot be used as things are."""
