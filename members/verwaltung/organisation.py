"""Gliederungen: create, rename, move, merge, close."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from members.forms.organisation import GliederungForm, TargetForm
from members.models import Amt, Gliederung, Onboarding, Person, User
from members.policies import can_manage_organisation
from members.queries import offices
from members.services import tree
from portal.common.verwaltung import Action, Column, Fact, Filter, Section, State, register

Kind = Amt.Kind
Nodes = QuerySet[Gliederung]


def _rows(user: User) -> Nodes:
    nodes = Gliederung.objects.where(user, can="org.manage")
    return nodes.select_related("level", "parent", "successor").order_by("level__position", "name")


def _leaves(rows: Nodes) -> Nodes:
    return rows.filter(closed_on=None, level__takes_members=True)


def _state(node: Gliederung) -> State | None:
    return State("geschlossen") if node.closed_on else None


def _facts(node: Gliederung, user: User) -> Iterator[Fact]:
    if node.successor:
        yield Fact("aufgegangen in", str(node.successor))
    if node.parent:
        yield Fact("gehört zu", str(node.parent))
    if node.closed_on:
        return
    if node.level.takes_members:
        yield _holders(node, Kind.ANSPRECHPERSON, "Ansprech\u00adperson")
        yield _holders(node, Kind.STELLVERTRETUNG, "Stell\u00advertretung")
    visible = Onboarding.objects.visible_to(user).running()
    arriving = visible.filter(person__gliederung=node).count()
    if arriving:
        url = f"{reverse('members:newcomers')}?{urlencode({'ov': node.pk})}"
        yield Fact("Neu\u00admitglieder", str(arriving), url, "ansehen")


def _holders(node: Gliederung, kind: str, label: str) -> Fact:
    """Who holds the office; for a vacancy the way to fill it."""
    held = node.aemter.unfinished().filter(kind=kind).select_related("person").order_by("beginn")
    names = ", ".join(str(amt.person) for amt in held)
    if names:
        words = urlencode({"q": node.name})
        url = f"{reverse('dashboards:verwaltung_list', args=['aemter'])}?{words}"
        return Fact(label, names, url, "ansehen")
    values = urlencode({"gliederung": node.pk, "kind": kind})
    url = f"{reverse('dashboards:verwaltung_new', args=['aemter'])}?{values}"
    return Fact(label, "fehlt", url, "eintragen")


def _is_open(node: Gliederung, user: User) -> bool:
    return node.closed_on is None and node != user.district.gliederung


def _move(node: Gliederung, data: dict[str, Any], user: User) -> str:
    tree.move(node, data["target"], user.person)
    return f"{node} gehört jetzt zu {data['target']}."


def _merge(node: Gliederung, data: dict[str, Any], user: User) -> str:
    tree.merge(node, data["target"], user.person)
    return f"{node} ist jetzt ein Teil von {data['target']}."


def _merge_in_numbers(node: Gliederung, user: User) -> str:
    """Say how many move and how many offices end, before anybody confirms it."""
    people = Person.objects.visible_to(user).filter(gliederung=node).count()
    moving = (
        (people, "Person", "Personen"),
        (node.children.open().count(), "Gliederung darunter", "Gliederungen darunter"),
    )
    named = [f"{n} {one if n == 1 else many}" for n, one, many in moving if n]
    verb = "zieht um" if people + moving[1][0] == 1 else "ziehen um"
    moves = f"{' und '.join(named)} {verb}" if named else "Niemand zieht um"
    offices_here = node.aemter.unfinished().count()
    ends = "1 Amt endet" if offices_here == 1 else f"{offices_here or 'keine'} Ämter enden"
    return f"{moves}, {ends}." if offices_here else f"{moves}, kein Amt endet."


def _close(node: Gliederung, data: dict[str, Any], user: User) -> str:
    tree.close(node, user.person)
    return f"{node} ist geschlossen."


def _reopen(node: Gliederung, data: dict[str, Any], user: User) -> str:
    tree.reopen(node, user.person)
    return f"{node} ist wieder offen."


ACTIONS = (
    Action(
        "umhaengen",
        "Umhängen",
        "Alles darunter zieht mit: Gliederungen, Personen und Ämter. "
        "Wer für Neumitglieder einspringt, wird neu gesucht.",
        _move,
        _is_open,
        TargetForm,
    ),
    Action(
        "zusammenlegen",
        "Zusammenlegen",
        "Personen, Kommunen und Gliederungen darunter ziehen um, die Ämter hier enden. "
        "Der alte Name steht in späteren Exporten für die neue Gliederung. "
        "Wer umgezogen ist, kommt beim Wiederöffnen nicht zurück.",
        _merge,
        _is_open,
        TargetForm,
        foresees=_merge_in_numbers,
    ),
    Action(
        "schliessen",
        "Schließen",
        "Das geht, wenn hier niemand mehr ist. "
        "Danach steht die Gliederung nirgends mehr zur Wahl, in der Geschichte bleibt sie.",
        _close,
        _is_open,
    ),
    Action(
        "oeffnen",
        "Wieder öffnen",
        "Danach steht die Gliederung wieder zur Wahl. Was umgezogen ist, bleibt dort.",
        _reopen,
        lambda node, _user: node.closed_on is not None,
    ),
)

register(
    Section(
        code="gliederungen",
        title="Gliederungen",
        sentence="Wer zu wem gehört, und wo eine Ansprechperson fehlt.",
        icon="building-library",
        may=can_manage_organisation,
        rows=_rows,
        columns=(
            Column("Name", str),
            Column("gehört zu", lambda node: node.parent.name if node.parent else ""),
        ),
        form=GliederungForm,
        save=lambda form, user: tree.save_gliederung(form, user.person),
        new="Neue Gliederung",
        search=lambda rows, words: rows.filter(name__icontains=words),
        filters=(
            Filter("alle", "Alle", lambda rows: rows.filter(closed_on=None)),
            Filter(
                "ohne-ansprechperson",
                "Ohne Ansprechperson",
                lambda rows: offices.without(_leaves(rows), Kind.ANSPRECHPERSON),
                "Überall gibt es eine Ansprechperson.",
            ),
            Filter(
                "ohne-stellvertretung",
                "Ohne Stellvertretung",
                lambda rows: offices.without(_leaves(rows), Kind.STELLVERTRETUNG),
                "Überall gibt es eine Stellvertretung.",
            ),
            Filter(
                "geschlossen",
                "Geschlossen",
                lambda rows: rows.filter(closed_on__isnull=False),
                "Keine Gliederung ist geschlossen.",
            ),
        ),
        state=_state,
        facts=_facts,
        actions=ACTIONS,
        events=(
            "gliederung.created",
            "gliederung.changed",
            "gliederung.moved",
            "gliederung.merged",
            "gliederung.took_in",
            "gliederung.closed",
            "gliederung.reopened",
        ),
    )
)
