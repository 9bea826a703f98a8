"""Pages whose sentences are data, per language (R10)."""

from portal.common.outbox.page_texts import PageText, register
from portal.common.outbox.wording import Placeholder

MEIN_START = register(
    PageText(
        code="page.mein_start",
        title="Seite „Mein Start“",
        template="pages/mein_start",
        recipient="Neumitglieder, auf der eigenen Seite",
        placeholders=(
            Placeholder("vorname", "Vorname der Person", "Kim"),
            Placeholder("ansprechperson", "Vorname der Ansprechperson", "Alex", may_be_empty=True),
            Placeholder("tag", "bis wann sie sich meldet", "3. Dezember", may_be_empty=True),
            Placeholder("wieder_da", "bis wann sie einspringt", "9. Dezember", may_be_empty=True),
            Placeholder("im_portal_seit", "seit wann wir die Daten haben", "1. Dezember"),
        ),
    )
)
