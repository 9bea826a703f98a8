"""Ways from the hub of *Verwaltung* to pages of the roof."""

from members import policies
from portal.common.verwaltung import DATA_PROTECTION, Card, register_card

register_card(
    Card(
        "Datenschutz-Papiere",
        "Verzeichnis, Löschkonzept und Hinweise lesen und ausdrucken.",
        "document-text",
        "dashboards:papers",
        policies.can_read_papers,
        DATA_PROTECTION,
    )
)
