"""Whole people, and what they sent before they were one."""

from typing import Any

from django.db.models import DateField, Exists, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest, Least, TruncDate

from members.models import Amt, Interest, Membership, RightsRequest, User
from members.models.people import former_member
from members.models.retention import held_people
from members.queries.nothing_else import is_nothing_else
from members.services import erasure, rights
from members.services.people import lock_people
from portal.common import periods
from portal.common.retention import Eraser, blank, delete, erased_by, held_by

erased_by("members.Person", Eraser(erasure.erase, lock_people))
erased_by("members.Interest", Eraser(erasure.erase_forms, lock_people))
held_by(held_people)

_PERSON = OuterRef("pk")
_REFUSED = Membership.LeftReason.REFUSED


def _memberships() -> Any:
    return Membership._base_manager.filter(person=_PERSON)


def _was_a_member() -> Q:
    """More than an application that was refused."""
    return Q(Exists(_memberships().exclude(left_reason=_REFUSED)))


def _left_on() -> Subquery:
    return Subquery(_memberships().order_by("-left_on").values("left_on")[:1])


def office_ends() -> Least:
    """The last day of a term, as `Amt.last_day` says it."""
    worn_out = Func(
        Greatest(F("beginn"), F("renewed_on")),
        template="(%(expressions)s + interval '24 months')::date",
        output_field=DateField(),
    )
    return Least(F("ende"), TruncDate("ended_at"), worn_out)


def _last_office() -> Subquery:
    ended = Amt.objects.filter(person=_PERSON).annotate(over=office_ends()).order_by("-over")
    return Subquery(ended.values("over")[:1])


def _last_interest() -> Subquery:
    last = Greatest(TruncDate("confirmed_at"), F("talked_on"), F("tried_on"))
    confirmed = Interest._base_manager.filter(person=_PERSON, state=Interest.State.CONFIRMED)
    return Subquery(confirmed.annotate(last=last).order_by("-last").values("last")[:1])


def _last_answer() -> Subquery:
    asked = RightsRequest._base_manager.filter(person=_PERSON, state=RightsRequest.State.ACCEPTED)
    return Subquery(asked.order_by("-answered_on").values("answered_on")[:1])


delete(
    "person.left",
    "members.Person",
    "Ausgetretene Mitglieder mit allem, was zu ihnen gehört",
    start=_left_on(),
    since="dem Austritt",
    period=periods.EXIT,
    where=lambda _day: (
        former_member(_PERSON)
        & _was_a_member()
        & ~Q(Exists(Interest._base_manager.filter(person=_PERSON, state=Interest.State.CONFIRMED)))
    ),
)
delete(
    "person.refused",
    "members.Person",
    "Menschen, deren Antrag abgelehnt wurde",
    start=_left_on(),
    since="der Entscheidung",
    period=periods.NOT_ADMITTED,
    where=lambda _day: former_member(_PERSON) & ~_was_a_member(),
)
delete(
    "person.interested",
    "members.Person",
    "Interessierte, die nicht Mitglied wurden",
    start=_last_interest(),
    since="dem letzten Kontakt",
    period=periods.INTERESTED,
    # Former members who thought about coming back are among them.
    where=lambda day: is_nothing_else(day) | former_member(_PERSON),
)
delete(
    "person.unknown",
    "members.Person",
    "Menschen ohne Mitgliedschaft, Amt, Zugang und Interesse",
    start=Greatest(F("added_on"), _last_office()),
    since="dem Eintragen oder dem letzten Amt",
    period=periods.UNKNOWN,
    where=lambda day: (
        is_nothing_else(day)
        & ~Q(Exists(User._base_manager.filter(person=_PERSON)))
        & ~Q(Exists(Interest._base_manager.filter(person=_PERSON)))
    ),
)
delete(
    "person.unused_login",
    "members.Person",
    "Menschen, die nur noch einen Zugang haben und ihn nicht benutzen",
    start=Greatest(F("added_on"), _last_office(), TruncDate("user__last_login")),
    since="der letzten Anmeldung",
    period=periods.UNKNOWN,
    where=lambda day: (
        is_nothing_else(day)
        & Q(user__isnull=False)
        & ~Q(Exists(Interest._base_manager.filter(person=_PERSON)))
    ),
)
delete(
    "person.asked",
    "members.Person",
    "Menschen, deren Bitte um Löschung angenommen ist",
    start=_last_answer(),
    since="der Antwort",
    period=periods.AT_ONCE,
    where=lambda day: Q(pk__in=rights.accepted_for_erasure(day).values("pk")),
)
blank(
    "person.minor",
    "members.Person",
    "Tag der Volljährigkeit",
    start="adult_on",
    since="diesem Tag",
    period=periods.AT_ONCE,
    sets={"adult_on": None},
)
delete(
    "hold.over",
    "members.Hold",
    "Aufgehobene Sperren mit ihrem Grund",
    start=Coalesce(TruncDate("lifted_at"), F("until")),
    since="dem Ende der Sperre",
    period=periods.HOLD_OVER,
)

# --- „Ich will mitmachen“ -----------------------------------------------------------------------

delete(
    "interest.unconfirmed",
    "members.Interest",
    "Anfragen, deren Adresse niemand bestätigt hat",
    start="link_until",
    since="dem Ablauf des Links (er gilt drei Tage)",
    period=periods.LINK_EXPIRED,
    where=lambda _day: Q(state=Interest.State.NEW),
)
delete(
    "interest.held",
    "members.Interest",
    "Anfragen, die zu prüfen waren und niemand freigab",
    start="created_at",
    since="dem Eingang",
    period=periods.HELD_FORM,
    where=lambda _day: Q(state=Interest.State.HELD),
)
delete(
    "interest.closed",
    "members.Interest",
    "Beendete Anfragen",
    start="closed_on",
    since="dem Ende",
    period=periods.CLOSED_FORM,
    where=lambda _day: Q(state=Interest.State.CLOSED),
)
delete(
    "interest.joined",
    "members.Interest",
    "Anfragen von Menschen, die Mitglied wurden",
    start=Greatest(TruncDate("confirmed_at"), F("talked_on"), F("tried_on")),
    since="dem letzten Kontakt",
    period=periods.INTERESTED,
    where=lambda _day: (
        Q(state__in=[Interest.State.CONFIRMED, Interest.State.JOINED])
        & Q(Exists(Membership._base_manager.filter(person=OuterRef("person"), has_ended=False)))
    ),
)
