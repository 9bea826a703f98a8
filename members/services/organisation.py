"""The tree of Gliederungen: taking turns, a new node, and what became of a closed one."""

from django.db import transaction

from members.models import Gliederung, Level
from portal.common.locks import lock_for_transaction


def lock() -> None:
    """Take turns: whoever changes the tree or an office sees what the others have done.

    Always taken before any row is locked, so that nobody waits in a ring.
    """
    lock_for_transaction("members.organisation")


@transaction.atomic
def create_gliederung(name: str, level: Level, parent: Gliederung | None) -> Gliederung:
    """Hang a new node into the tree; only `services.tree` rewrites the path afterwards."""
    node = Gliederung(name=name, level=level, parent=parent)
    node.path = node.path_below(parent)
    node.save()
    return node


def closed_sentence(node: Gliederung) -> str:
    """Say that a Gliederung is gone, and what it went into."""
    if node.successor:
        return f"{node} ist inzwischen in {node.successor} aufgegangen."
    return f"{node} ist inzwischen geschlossen."
