"""Ways from the hub to pages of this app that are no sections."""

from members import policies
from portal.common.verwaltung import CARERS, PEOPLE, POST, Card, register_card

CARDS = (
    Card(
        "Zuordnen",
        "Personen, bei denen etwas offen geblieben ist.",
        "puzzle-piece",
        "members:undecided",
        policies.can_edit_people,
        PEOPLE,
    ),
    Card(
        "Parteibücher",
        "Gesammelt bestellen und sehen, wo sie liegen.",
        "book-open",
        "members:parteibuecher",
        policies.can_edit_people,
        PEOPLE,
    ),
    Card(
        "Wechsel",
        "Wer von einer Gliederung in eine andere zieht.",
        "arrows-right-left",
        "members:transfers",
        policies.can_see_transfers,
        PEOPLE,
    ),
    Card(
        "Wieder anknüpfen",
        "Mitglieder einladen, mit denen lange niemand sprach.",
        "chat-bubble-left-right",
        "members:waves",
        policies.can_edit_people,
        PEOPLE,
    ),
    Card(
        "Ausgetreten",
        "Ein Anruf innerhalb von 28 Tagen.",
        "arrow-uturn-left",
        "members:win_back",
        policies.can_edit_people,
        PEOPLE,
    ),
    Card(
        "Orte zum Mitmachen",
        "Was die Gliederungen anbieten, und wer danach fragt.",
        "megaphone",
        "members:orte",
        policies.can_keep_places,
        PEOPLE,
    ),
    Card(
        "Abdeckung",
        "Wer sich wo kümmert, was frei ist, welche Ämter zu prüfen sind.",
        "user-group",
        "members:coverage",
        policies.can_manage_organisation,
        CARERS,
    ),
    Card(
        "Mentoring",
        "Wer passt zu wem?",
        "hand-raised",
        "members:mentoring",
        policies.can_coordinate_mentoring,
        CARERS,
    ),
    Card(
        "Zugänge",
        "Einladen, sperren, wieder reinlassen.",
        "key",
        "members:accesses",
        policies.can_manage_access,
        CARERS,
    ),
    Card(
        "Import",
        "Den Mitglieder-Export einlesen.",
        "arrow-up-tray",
        "members:import_list",
        policies.can_import,
        POST,
    ),
    Card(
        "Briefe",
        "Drucken und abhaken, was verschickt ist.",
        "printer",
        "members:letters",
        policies.can_manage_mail,
        POST,
    ),
    Card(
        "Post",
        "Was verschickt ist, was wartet, was scheitert.",
        "envelope",
        "members:post",
        policies.can_manage_mail,
        POST,
    ),
    Card(
        "Texte",
        "Texte ändern, eine Sprache dazunehmen.",
        "pencil-square",
        "members:texts",
        policies.can_manage_mail,
        POST,
    ),
)
for card in CARDS:
    register_card(card)
