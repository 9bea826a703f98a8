"""Offices: who, where, from when to when, and what is missing."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from members.forms.offices import GrantForm, amt_form
from members.models import Amt, User
from members.policies import can_manage_access, can_manage_organisation
from members.queries import offices as queries
from members.services import offices as service
from members.sorting import fold
from portal.common.verwaltung import CARERS, Action, Column, Fact, Filter, Section, State, register

Rows = QuerySet[Amt]
DAY = "%d.%m.%Y"


def _search(rows: Rows, words: str) -> Rows:
    """Every word is in the person's name or the Gliederung's."""
    for word in words.split():
        rows = rows.filter(
            Q(person__sort_name__contains=fold(word)) | Q(gliederung__name__icontains=word)
        )
    return rows


def _running(rows: Rows) -> Rows:
    return rows.filter(pk__in=Amt.objects.unfinished().values("pk"))


def _over(rows: Rows) -> Rows:
    return rows.exclude(pk__in=Amt.objects.unfinished().values("pk"))


def _state(amt: Amt) -> State | None:
    if amt.is_over:
        return State("beendet")
    if amt.is_pending:
        return State("wartet auf Bestätigung", "soon")
    missing = queries.missing(amt)
    if missing:
        return State(f"fehlt: {', '.join(missing)}", "soon")
    return State(f"bis {amt.last_day:{DAY}}")


def _facts(amt: Amt, user: User) -> Iterator[Fact]:
    yield Fact(
        "Person", amt.person.full_name, reverse("members:person", args=[amt.person_id]), "ansehen"
    )
    yield Fact("Amt", str(amt))
    if not amt.is_over:
        yield Fact("letzter Tag", f"{amt.last_day:{DAY}}")
    missing = queries.missing(amt)
    if missing:
        way = _way_to_the_access(amt, missing) if can_manage_access(user) else ("", "")
        yield Fact("öffnet noch nichts, es fehlt", ", ".join(missing), *way)
    if amt.granted_by:
        yield Fact("gegeben von", str(amt.granted_by))
    if amt.confirmed_by:
        yield Fact("bestätigt von", str(amt.confirmed_by))
    if amt.awaits_confirmation:
        yield Fact(
            "Bestätigung",
            "Ein Amt oberhalb der Ortsebene bestätigt eine zweite Person aus der Geschäftsstelle. "
            "Bist du allein, hilft „manage.py appoint“ auf dem Server.",
        )


def _way_to_the_access(amt: Amt, missing: list[str]) -> tuple[str, str]:
    url = reverse("members:access", args=[amt.person_id])
    if "Zugang" in missing:
        return url, "Einladung schicken"
    return (url, "Zugang ansehen") if "zweiter Faktor" in missing else ("", "")


def _save(form: Any, user: User) -> Amt:
    if isinstance(form, GrantForm):
        return service.give(form.grant(), user.person)
    return service.change(form, user.person)


def _end(amt: Amt, data: dict[str, Any], user: User) -> str:
    service.end_now(amt, user.person)
    return f"Das Amt von {amt.person} ist beendet. Ab sofort öffnet es nichts mehr."


def _renew(amt: Amt, data: dict[str, Any], user: User) -> str:
    service.renew(amt, user.person)
    return f"Verlängert: Das Amt von {amt.person} läuft jetzt weitere 24 Monate."


def _confirm(amt: Amt, data: dict[str, Any], user: User) -> str:
    service.confirm(amt, user.person)
    return f"Bestätigt: {amt.person} hat das Amt jetzt."


def _may_confirm(amt: Amt, user: User) -> bool:
    return amt.can_be_confirmed_by(user.person_id)


def _may_renew(amt: Amt, user: User) -> bool:
    return not amt.is_over and not service.is_left_to_others(amt, user.person_id)


register(
    Section(
        code="aemter",
        title="Ämter",
        sentence="Wer wofür zuständig ist, und was noch fehlt.",
        icon="briefcase",
        group=CARERS,
        may=can_manage_organisation,
        rows=queries.offices,
        columns=(
            Column("Wer", lambda amt: amt.person.full_name),
            Column("Amt", str),
        ),
        form=amt_form,
        save=_save,
        new="Amt vergeben",
        hint="Wer ein Amt hat, sieht etwas über andere. Deshalb braucht es Verpflichtung, "
        "Schulung und einen Zugang mit zweitem Faktor.",
        search=_search,
        filters=(
            Filter("laufend", "Laufend", _running, "Zurzeit hat niemand ein Amt."),
            Filter(
                "unvollstaendig",
                "Öffnet noch nichts",
                queries.incomplete,
                "Bei allen laufenden Ämtern ist alles da.",
            ),
            Filter(
                "endet-bald",
                "Endet in 60 Tagen",
                queries.ending_soon,
                "In den nächsten 60 Tagen endet kein Amt.",
            ),
            Filter(
                "endet-sehr-bald",
                "Endet in 14 Tagen",
                lambda rows: queries.ending_soon(rows, queries.VERY_SOON),
                "In den nächsten 14 Tagen endet kein Amt.",
            ),
            Filter("beendet", "Beendet", _over, "Noch ist kein Amt beendet."),
        ),
        state=_state,
        facts=_facts,
        actions=(
            Action(
                "bestaetigen",
                "Bestätigen",
                "Danach hat die Person das Amt mit allem, was dazugehört.",
                _confirm,
                _may_confirm,
                one_tap=True,
            ),
            Action(
                "verlaengern",
                "Um 24 Monate verlängern",
                "Danach läuft das Amt ab heute weitere 24 Monate.",
                _renew,
                _may_renew,
                one_tap=True,
            ),
            Action(
                "beenden",
                "Heute beenden",
                "Ab sofort öffnet das Amt nichts mehr.",
                _end,
                lambda amt, _user: not amt.is_over,
                one_tap=True,
            ),
        ),
        events=(
            "amt.given",
            "amt.changed",
            "amt.replaced",
            "amt.ended",
            "amt.renewed",
            "amt.confirmed",
            "amt.recertified",
        ),
    )
)
