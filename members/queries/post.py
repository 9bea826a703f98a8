"""What is seen of the outbox: by staff with the people it is for, by everybody what they got."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from members.models import Person, User
from portal.common.outbox import kinds
from portal.common.outbox.models import AddressTrouble, OutgoingMail

State, Channel = OutgoingMail.State, OutgoingMail.Channel
# Written so that known and unknown addresses cost the same; nobody ever gets one.
DECOY = "account.nobody"
# Who wanted to sign in, and when, is nobody's business (people.md R31).
SIGNING_IN = ("account.login_code", "account.reset")
# That something was reported is known by the two who were told (T24).
CONFIDENTIAL = ("members.tandem_reported",)
Rows = QuerySet[OutgoingMail]


@dataclass(frozen=True, slots=True)
class Tab:
    """One state of affairs, as staff say it."""

    code: str
    title: str
    sentence: str
    empty: str
    which: Q


_CAPPED = Q(state=State.QUEUED, capped_until__isnull=False)
TABS = {
    tab.code: tab
    for tab in (
        Tab(
            "scheitert",
            "Scheitert",
            "Das kam nicht an. Sieh nach, warum, und versuch es noch einmal.",
            "Zurzeit scheitert nichts.",
            Q(state__in=[State.FAILED, State.UNCERTAIN]),
        ),
        Tab(
            "wartet",
            "Wartet",
            "Das geht als Nächstes hinaus.",
            "Zurzeit wartet nichts.",
            Q(state__in=[State.QUEUED, State.SENDING], capped_until=None),
        ),
        Tab(
            "gebremst",
            "Gebremst",
            "Diese Personen haben gerade genug Post von uns. Das geht später von selbst hinaus.",
            "Zurzeit wird nichts gebremst.",
            _CAPPED,
        ),
        Tab(
            "verschickt",
            "Verschickt",
            "Das ist draußen. Den Text heben wir 14 Tage auf.",
            "Es wurde noch nichts verschickt.",
            Q(state=State.SENT),
        ),
        Tab(
            "nicht-noetig",
            "Nicht mehr nötig",
            "Das wurde nicht verschickt, weil es nicht mehr stimmte oder jemand es anhielt.",
            "Es wurde nichts zurückgehalten.",
            Q(state=State.DROPPED),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class PostRow:
    """One message and the person it is for; None when they are not in the portal any more."""

    mail: OutgoingMail
    person: Person | None
    title: str

    @property
    def is_about_login(self) -> bool:
        return kinds.is_login(self.mail.kind)

    @property
    def address_today(self) -> str | None:
        """None when nobody is known any more; empty when they have none."""
        return self.person.email if self.person else None

    @property
    def state(self) -> str:
        """A letter waits for somebody, not for the machine."""
        if self.mail.channel == Channel.LETTER and self.mail.state == State.QUEUED:
            return "wartet auf das Abhaken" if self.mail.batch else "wartet auf den Druck"
        return self.mail.get_state_display()

    @property
    def can_retry(self) -> bool:
        return self.mail.state in (State.FAILED, State.UNCERTAIN) and not self.is_about_login

    @property
    def can_stop(self) -> bool:
        return self.mail.state == State.QUEUED and not self.is_about_login


def _all() -> Rows:
    return OutgoingMail.objects.exclude(kind__in=(DECOY, *SIGNING_IN, *CONFIDENTIAL))


def search(user: User, tab: str, words: str, kind: str) -> Rows:
    """Narrow the outbox to a tab, a person's name and a kind."""
    found = _all().filter(TABS[tab].which)
    if words:
        people = Person.objects.visible_to(user).matching(words)
        found = found.filter(recipient_key__in=people.values("pk"))
    if kind:
        found = found.filter(kind=kind)
    order = "-sent_at" if tab == "verschickt" else "-created_at"
    return found.defer("body").order_by(order, "id")


def counts() -> dict[str, int]:
    """Count every tab with one query."""
    return _all().aggregate(**{code: Count("pk", filter=tab.which) for code, tab in TABS.items()})


def with_people(user: User, mails: Iterable[OutgoingMail]) -> list[PostRow]:
    mails = list(mails)
    people = (
        Person.objects.visible_to(user)
        .select_related("gliederung", "kommune")
        .in_bulk([mail.recipient_key for mail in mails])
    )
    return [PostRow(mail, people.get(mail.recipient_key), kinds.title(mail.kind)) for mail in mails]


def one(user: User, pk: UUID) -> PostRow | None:
    mail = _all().filter(pk=pk).first()
    return with_people(user, [mail])[0] if mail else None


def kind_choices() -> list[tuple[str, str]]:
    return [
        (kind.code, kind.title)
        for kind in kinds.all_kinds()
        if kind.code not in (DECOY, *SIGNING_IN, *CONFIDENTIAL)
    ]


def received_by(person: Person) -> list[OutgoingMail]:
    """Everything that was sent to this person, newest first, for their own page."""
    sent = OutgoingMail.objects.filter(recipient_key=person.pk, state=State.SENT)
    return list(sent.exclude(kind__startswith=kinds.LOGIN).order_by("-sent_at"))


# --- Letters --------------------------------------------------------------------------------


def letters(**which: Any) -> Rows:
    """Letters sorted as they are put into envelopes: by Ortsverein, then by name."""
    person = Person.objects.filter(pk=OuterRef("recipient_key"))
    return (
        _all()
        .filter(channel=Channel.LETTER, **which)
        .annotate(
            place=Coalesce(Subquery(person.values("gliederung__name")), Value("")),
            sorted_by=Coalesce(Subquery(person.values("sort_name")), Value("")),
        )
        .order_by("place", "sorted_by", "id")
    )


def paused_addresses(user: User) -> list[tuple[AddressTrouble, Person | None]]:
    rows = list(AddressTrouble.objects.filter(paused_at__isnull=False).order_by("-paused_at", "id"))
    people = Person.objects.visible_to(user).in_bulk([row.recipient_key for row in rows])
    return [(row, people.get(row.recipient_key)) for row in rows]
