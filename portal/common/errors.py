"""Refusals that a person may read."""


class DomainError(Exception):
    """A service refuses; the message is the German sentence the user sees."""


class ScopeMissing(RuntimeError):
    """Personal data was asked for outside `scope()`; a programming error, never shown."""
