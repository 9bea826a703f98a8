"""A fresh installation and every emergency, from the server's command line."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from members.models import Amt, District, Gliederung, Level, Person, User
from members.services import invitations, offices, organisation
from members.services.reference import load_reference
from portal.common import audit, clock
from portal.common.errors import DomainError

TEXTS = (
    "product_name",
    "party",
    "office_name",
    "street",
    "city",
    "phone",
    "email",
    "responsible",
    "data_protection",
    "authority",
)


class SetupRefused(DomainError):
    """Something in the command or in the file is missing; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """What `appoint` did and what is still missing."""

    amt: Amt
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Order:
    """What was typed on the server."""

    email: str
    kind: str
    gliederung: str
    name: str = ""
    pledged: bool = False
    trained: bool = False
    replaces: bool = False


@transaction.atomic
def appoint(order: Order) -> Appointment:
    """Give an office, confirmed by being on the server. Asking twice gives one office."""
    organisation.lock()
    gliederung = find_gliederung(order.gliederung)
    person = _person(order, gliederung)
    today = clock.today()
    amt = (
        Amt.objects.unfinished(today)
        .filter(person=person, gliederung=gliederung, kind=order.kind)
        .first()
    )
    if amt is None:
        grant = offices.Grant(person, gliederung, order.kind, today, replaces=order.replaces)
        amt = offices.give(grant, None)
    elif amt.is_pending:
        offices.confirm(amt, None)
        amt.refresh_from_db()
    if order.pledged:
        amt.pledged_on = amt.pledged_on or today
    if order.trained:
        amt.trained_on = amt.trained_on or today
    amt.save(update_fields=["pledged_on", "trained_on"])
    offices.settle(amt)
    audit.record("amt.appointed", None, amt, ["pledged_on", "trained_on"])
    return Appointment(amt, list(_what_next(amt, person)))


def _what_next(amt: Amt, person: Person) -> "list[str]":
    lines = [f"{person.full_name}: {amt.get_kind_display()}, {amt.gliederung}."]
    if not amt.pledged_on or not amt.trained_on:
        missing = [
            word
            for word, day in (("--verpflichtet", amt.pledged_on), ("--geschult", amt.trained_on))
            if not day
        ]
        lines.append(f"Das Amt öffnet noch nichts. Es fehlt: {' und '.join(missing)}.")
    user = User.objects.filter(person=person).first()
    if user is None:
        invitation = invitations.ensure_invitation(person)
        lines.append(f"Zugang einrichten (30 Tage gültig): {invitations.url(invitation)}")
    elif not user.has_second_factor:
        lines.append("Der zweite Faktor fehlt. Das Portal fragt beim nächsten Anmelden danach.")
    return lines


def find_gliederung(text: str) -> Gliederung:
    """Return the open Gliederung of this name or id; refuse when it is none or several."""
    found = Gliederung.objects.open().select_related("level")
    try:
        by_id = found.filter(pk=UUID(text)).first()
    except ValueError:
        by_id = None
    if by_id:
        return by_id
    named = [
        node for node in found if text.casefold() in (node.name.casefold(), str(node).casefold())
    ]
    if len(named) == 1:
        return named[0]
    if not named:
        raise SetupRefused(f"Keine offene Gliederung heißt „{text}“.")
    listed = ", ".join(f"{node} ({node.pk})" for node in named)
    raise SetupRefused(f"Mehrere heißen „{text}“: {listed}. Bitte nimm die Kennung in Klammern.")


def _person(order: Order, gliederung: Gliederung) -> Person:
    email = order.email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise SetupRefused(f"„{email}“ ist keine E-Mail-Adresse.") from error
    people = list(Person.objects.filter(email__iexact=email))
    if order.name:
        people = [p for p in people if p.full_name.casefold() == order.name.strip().casefold()]
    if len(people) == 1:
        return people[0]
    if people:
        raise SetupRefused("Mehrere Personen haben diese Adresse. Bitte nenn --name.")
    given, _, family = order.name.strip().rpartition(" ")
    if not family:
        raise SetupRefused('Diese Adresse ist nicht bekannt. Bitte nenn --name "Vorname Nachname".')
    leaf = gliederung if gliederung.level.takes_members else None
    person = Person.objects.create(
        given_name=given, family_name=family, email=email, gliederung=leaf
    )
    audit.record("person.created", None, person, ["given_name", "family_name", "email"])
    return person


@transaction.atomic
def setup_district(settings: dict[str, Any]) -> District:
    """Create levels, the nodes down to the district, and its settings. Repeatable."""
    organisation.lock()
    load_reference()
    levels = {row["name"]: _level(position, row) for position, row in _rows(settings, "levels")}
    node: Gliederung | None = None
    for _, row in _rows(settings, "path"):
        node = _node(row, levels, node)
    if node is None:
        raise SetupRefused("In der Datei fehlt [[path]]: der Weg bis zum Parteigebiet.")
    values = _texts(settings.get("district", {}))
    district, _ = District.objects.update_or_create(gliederung=node, defaults=values)
    if District.objects.exclude(pk=district.pk).exists():
        raise SetupRefused("Hier ist schon ein anderes Parteigebiet eingerichtet.")
    leaves = settings.get("leaves", {})
    if not isinstance(leaves, dict) or not all(
        isinstance(names, list) for names in leaves.values()
    ):
        raise SetupRefused("In [leaves] steht je Ebene eine Liste von Namen.")
    for level, names in leaves.items():
        for name in names:
            _node({"name": str(name), "level": level}, levels, node)
    return district


def _rows(settings: dict[str, Any], name: str) -> "list[tuple[int, dict[str, Any]]]":
    rows = settings.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SetupRefused(f"[[{name}]] ist keine Liste von Abschnitten.")
    for row in rows:
        if not isinstance(row.get("name"), str) or not row["name"]:
            raise SetupRefused(f"Einem Abschnitt [[{name}]] fehlt „name“.")
    return list(enumerate(rows))


def _level(position: int, row: dict[str, Any]) -> Level:
    values = {
        "short": row.get("short", row["name"][:20]),
        "position": position,
        "takes_members": bool(row.get("takes_members", False)),
    }
    return Level.objects.get_or_create(name=row["name"], defaults=values)[0]


def _node(row: dict[str, Any], levels: dict[str, Level], parent: Gliederung | None) -> Gliederung:
    level = levels.get(row.get("level", ""))
    if level is None:
        raise SetupRefused(f"„{row['name']}“ braucht eine Ebene aus [[levels]].")
    found = Gliederung.objects.filter(name=row["name"], parent=parent, closed_on=None).first()
    return found or organisation.create_gliederung(row["name"], level, parent)


def _texts(given: dict[str, Any]) -> dict[str, Any]:
    missing = [name for name in TEXTS if not given.get(name) and name != "product_name"]
    if missing:
        raise SetupRefused(f"In [district] fehlt: {', '.join(missing)}.")
    unknown = sorted(set(given) - {*TEXTS, "newcomer_months"})
    if unknown:
        raise SetupRefused(f"In [district] ist unbekannt: {', '.join(unknown)}.")
    district = District(**given)
    try:
        district.clean_fields(exclude=["gliederung"])
    except ValidationError as error:
        name, problems = next(iter(error.message_dict.items()))
        raise SetupRefused(f"[district] {name}: {problems[0]}") from error
    return given
