"""Verwaltung: every registered section, its list, its form and its verbs, for staff only."""

from collections.abc import Callable

from members.models import Amt
from portal.common import clock, verwaltung
from portal.common.verwaltung import Action, Section
from tests.security.cell import STAFF, Cell
from tests.world import World


def _in(section: Section) -> Callable[[World], dict]:
    return lambda world: {"section": section.code}


def _first(section: Section) -> Callable[[World], dict]:
    def make(world: World) -> dict:
        return {"section": section.code, "pk": section.rows(world.user("staff")).first().pk}

    return make


def _offering(section: Section, action: Action) -> Callable[[World], dict]:
    """A row on which the verb is offered."""

    def make(world: World) -> dict:
        staff = world.user("staff")
        if action.code == "oeffnen":
            springe = world.gliederung("Springe")
            springe.closed_on = clock.today()
            springe.save()
        if action.code == "bestaetigen":
            Amt.objects.filter(person=world.person("coordinator")).update(is_pending=True)
        row = next(row for row in section.rows(staff) if action.offered(row, staff))
        return {"section": section.code, "pk": row.pk, "action": action.code}

    return make


def _verb_cells(section: Section, action: Action) -> list[Cell]:
    make, name = _offering(section, action), f"{section.code}-{action.code}"
    moves = action.form is None
    return [
        Cell("GET", STAFF, make, name=name),
        Cell("POST", STAFF, make, name=name, moves=moves),
    ]


ALL = verwaltung.sections()
SPEC: dict[str, list[Cell]] = {
    "dashboards:verwaltung": [Cell("GET", STAFF)],
    "dashboards:verwaltung_list": [
        Cell("GET", STAFF, _in(s), name=s.code, moves=bool(s.list_url) or s.single) for s in ALL
    ],
    "dashboards:verwaltung_new": [
        Cell(method, STAFF, _in(s), name=s.code) for s in ALL if s.new for method in ("GET", "POST")
    ],
    "dashboards:verwaltung_edit": [
        Cell(method, STAFF, _first(s), name=s.code) for s in ALL for method in ("GET", "POST")
    ],
    "dashboards:verwaltung_action": [
        cell for s in ALL for action in s.actions for cell in _verb_cells(s, action)
    ],
}
