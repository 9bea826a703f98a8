"""Ways from the hubs to pages of the roof that are no sections."""

from members.policies import can_read_audit, can_read_papers
from portal.common.verwaltung import DATA_PROTECTION, Card, register_card

register_card(
    Card(
        "Datenschutz-Papiere",
        "Verzeichnis, Löschkonzept und Hinweise lesen und ausdrucken.",
        "document-text",
        "dashboards:papers",
        can_read_papers,
        DATA_PROTECTION,
    )
)
register_card(
    Card(
        "Protokoll",
        "Wer wann was getan hat, ohne Inhalte.",
        "clipboard-document-list",
        "dashboards:audit_log",
        can_read_audit,
        DATA_PROTECTION,
    )
)
