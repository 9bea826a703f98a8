"""What this app puts behind *Verwaltung*; the order is the hub's."""

from members.verwaltung import organisation, offices, places, people, cards  # noqa: F401, I001 -- fills the registry in this order
