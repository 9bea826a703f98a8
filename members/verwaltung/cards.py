"""Ways from the hub to pages of this app that are no sections."""

from members import policies
from portal.common.verwaltung import Card, register_card

CARDS = (
    Card(
        "Personen",
        "Jemanden finden und Daten ändern.",
        "identification",
        "members:people",
        policies.can_see_people,
    ),
    Card(
        "Import",
        "Den Mitglieder-Export einlesen.",
        "arrow-up-tray",
        "members:import_list",
        policies.can_import,
    ),
    Card(
        "Zuordnen",
        "Personen, bei denen etwas offen geblieben ist.",
        "puzzle-piece",
        "members:undecided",
        policies.can_decide_gliederung,
    ),
    Card(
        "Mentoring",
        "Wer passt zu wem?",
        "hand-raised",
        "members:mentoring",
        policies.can_coordinate_mentoring,
    ),
)
for card in CARDS:
    register_card(card)
