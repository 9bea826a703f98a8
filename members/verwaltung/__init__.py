"""What this app puts behind *Verwaltung*; the order is the hub's."""

from members.verwaltung import cards, organisation, offices, places, people  # noqa: F401, I001 -- fills the registry in this order
