"""Who may use the pages about oneself, and enter a shift plan for somebody else."""

from members.models import Person
from tests.security.cell import GEHRDEN, MISSING, SIGNED_IN, STAFF, UETZE, Cell
from tests.world import NEWCOMERS, World


def _with_shifts(role: str):
    def make(world: World) -> dict:
        person = world.person(role)
        Person.objects.filter(pk=person.pk).update(availability=["schicht"])
        return {"pk": person.pk}

    return make


def _own_shifts(world: World) -> dict:
    Person.objects.update(availability=["schicht"])
    return {}


def _plan(_: World) -> dict:
    return {"monday": "2026-01-05", "day_0": "F"}


def _section(slug: str):
    return lambda _: {"slug": slug}


def _by_phone(method: str) -> list[Cell]:
    # A page made months ago is refused in words, so a POST stays on it.
    return [
        Cell(method, who | STAFF, _with_shifts(role), _plan, denied=MISSING, name=name)
        for who, role, name in (
            (GEHRDEN, "newcomer", "Gehrden"),
            (UETZE, "foreign_newcomer", "Uetze"),
        )
    ]


SPEC: dict[str, list[Cell]] = {
    "members:about_me": [Cell("GET", SIGNED_IN)],
    "members:about_section": [
        Cell("GET", SIGNED_IN, _section("interessen"), name="topics"),
        Cell("POST", SIGNED_IN, _section("interessen"), moves=True, name="topics"),
        Cell("GET", set(NEWCOMERS), _section("mentoring"), denied=MISSING, name="mentor"),
        Cell("GET", set(), _section("gibt-es-nicht"), denied=MISSING, name="absent"),
    ],
    "members:my_shifts": [
        Cell("GET", SIGNED_IN, _own_shifts),
        Cell("POST", SIGNED_IN, _own_shifts, _plan),
    ],
    "members:rather_write": [
        Cell("POST", SIGNED_IN, data=lambda _: {"weg": "email"}, moves=True),
    ],
    "members:my_data": [Cell("GET", SIGNED_IN)],
    "members:by_phone_shifts": [*_by_phone("GET"), *_by_phone("POST")],
}
