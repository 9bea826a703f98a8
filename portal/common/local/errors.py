"""The one error whose text is shown to the person at the terminal."""


class LocalError(Exception):
    """Carries a German sentence."""
