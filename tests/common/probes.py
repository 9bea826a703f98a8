"""Relays that answer the probe differently from our sink."""


class BrokenProbe:
    """The relay's log cannot be read at the moment."""

    def accepted(self, message_id: str) -> bool:
        raise ConnectionError("no answer from the relay's log")
