"""What this app puts behind *Verwaltung*; the order is the hub's."""

from members.verwaltung import cards, organisation, offices, places, milestones, people  # noqa: F401, I001 -- fills the registry in this order
