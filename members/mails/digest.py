"""The one collected mail a day: everything that is new for somebody with an office (R6, R8)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from members.mails import digest_lines
from members.mails.house import ADDRESS_CHANGED, HOUSE, SAMPLE_URL, house, is_not_theirs
from members.models import Amt, Person, Reminder, User
from members.queries import reminders
from members.queries.chains import reachable
from members.services.digests import DIGEST, LADDER, TODO
from portal.common import clock
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder
from portal.common.todos import Todo, todos_for

Kind = Amt.Kind


def _day(mail: OutgoingMail) -> date:
    return date.fromisoformat(mail.ids["day"])


def _told(mail: OutgoingMail) -> list[reminders.Told]:
    return reminders.still_true(mail.recipient_key, _day(mail), clock.today())


def _todos(mail: OutgoingMail) -> list[Todo]:
    """What was new on that day and is still there."""
    user = User.objects.filter(person=mail.recipient_key, is_active=True).first()
    named = Reminder.objects.filter(
        recipient=mail.recipient_key, told_on=_day(mail), key__startswith=TODO
    )
    keys = set(named.values_list("key", flat=True))
    if user is None or not keys:
        return []
    todos = todos_for(user, leave_out=LADDER)
    return [todo for todo in todos if any(TODO + name in keys for name in todo.names)]


def _list_url(person: Person) -> str:
    kinds_held = set(Amt.objects.active().filter(person=person).values_list("kind", flat=True))
    calls = kinds_held & {Kind.ANSPRECHPERSON, Kind.STELLVERTRETUNG, Kind.VORSITZ}
    return settings.BASE_URL + reverse("dashboards:heute" if calls else "dashboards:home")


def digest_context(mail: OutgoingMail) -> Mapping[str, Any]:
    """What is still this person's at this moment, in first names."""
    person = Person.objects.select_related("gliederung").get(pk=mail.recipient_key)
    lines = digest_lines.lines(person, _day(mail), _told(mail), _todos(mail))
    return house() | {
        "language": person.language,
        "vorname": person.first_name,
        "satz": lines.sentence,
        "liste": _list_url(person),
        "anrufe": lines.calls,
        "wenn_hilfe": bool(lines.help),
        "hilfe": lines.help,
        "wenn_aufgaben": bool(lines.tasks),
        "aufgaben": lines.tasks,
        "einstellung": settings.BASE_URL + reverse("members:digest_day"),
    }


def digest_may_send(mail: OutgoingMail) -> str | None:
    person = Person.objects.filter(pk=mail.recipient_key).first()
    if person is None:
        return "Person nicht mehr im Portal"
    if mail.channel == OutgoingMail.Channel.LETTER or is_not_theirs(mail, person):
        return ADDRESS_CHANGED
    held = Amt.objects.active().filter(person=person)
    if not reachable(held, clock.today()).exists():
        return "hat gerade kein Amt, ist abwesend oder nicht erreichbar"
    return None if _told(mail) or _todos(mail) else "nichts mehr offen"


kinds.register(
    kinds.MailKind(
        code=DIGEST,
        title="Deine Liste",
        template="members/digest",
        recipient="wer ein Amt hat",
        reason="Du hast ein Amt, und etwas wartet auf dich.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=False,
        names_others=True,
        context=digest_context,
        may_send=digest_may_send,
        placeholders=(
            *HOUSE,
            Placeholder("satz", "worum es geht, in einem Satz", digest_lines.SAMPLE_SENTENCE),
            Placeholder("liste", "Link zur eigenen Liste", SAMPLE_URL, is_link=True),
            Placeholder(
                "anrufe",
                "wen die Person anrufen kann, mit Links zum Antworten",
                digest_lines.SAMPLE_CALLS,
                is_needed=True,
                may_be_empty=True,
                is_list=True,
            ),
            Placeholder(
                "wenn_hilfe",
                "am Anfang einer Zeile: nur, wenn weiter unten jemand Hilfe brauchen könnte",
                "ja",
                may_be_empty=True,
            ),
            Placeholder(
                "hilfe",
                "wo jemand vor Ort Hilfe brauchen könnte",
                "Kim, Beispielstadt: Erstes Gespräch, fällig seit Samstag. Zuständig ist Alex.",
                is_needed=True,
                may_be_empty=True,
                is_list=True,
            ),
            Placeholder(
                "wenn_aufgaben",
                "am Anfang einer Zeile: nur, wenn weiter unten Aufgaben stehen",
                "ja",
                may_be_empty=True,
            ),
            Placeholder(
                "aufgaben",
                "was sonst auf der Liste neu ist",
                f"Ein Wechsel wartet auf deine Zusage: {SAMPLE_URL}",
                is_needed=True,
                may_be_empty=True,
                is_list=True,
            ),
            Placeholder("einstellung", "Link: wie oft diese Mail kommt", SAMPLE_URL, is_link=True),
        ),
        secrets=("anrufe",),
        keeps_quiet=True,
        mail_only=True,
    )
)
