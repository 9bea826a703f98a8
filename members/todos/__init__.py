"""What the members app puts on somebody's list "Zu tun": importing it fills the registry."""

from members.todos import own, waiting

__all__ = ["own", "waiting"]
