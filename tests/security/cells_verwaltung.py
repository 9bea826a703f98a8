"""Verwaltung: every registered section, its list, its form and its verbs, for staff only."""

from collections.abc import Callable

from portal.common import verwaltung
from tests.security.cell import STAFF, Cell
from tests.world import World

SECTION = "themen"


def _in(code: str) -> Callable[[World], dict]:
    return lambda world: {"section": code}


def _first(code: str) -> Callable[[World], dict]:
    def make(world: World) -> dict:
        section = verwaltung.find(code)
        return {"section": code, "pk": section.rows(world.user("staff")).first().pk}

    return make


LISTS = [s for s in verwaltung.sections() if not s.list_url and not s.single]
SPEC: dict[str, list[Cell]] = {
    "dashboards:verwaltung": [Cell("GET", STAFF)],
    "dashboards:verwaltung_list": [Cell("GET", STAFF, _in(s.code), name=s.code) for s in LISTS],
    "dashboards:verwaltung_new": [
        cell
        for s in verwaltung.sections()
        if s.new
        for cell in (
            Cell("GET", STAFF, _in(s.code), name=s.code),
            Cell("POST", STAFF, _in(s.code), name=s.code),
        )
    ],
    "dashboards:verwaltung_edit": [
        cell
        for s in verwaltung.sections()
        for cell in (
            Cell("GET", STAFF, _first(s.code), name=s.code),
            Cell("POST", STAFF, _first(s.code), name=s.code),
        )
    ],
}
