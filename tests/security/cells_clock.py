"""Access to the steps of a Parteibuch, to all of them, and to wishes about being contacted."""

from members.services import onboarding as service
from tests.security.cell import GEHRDEN, MISSING, SIGNED_IN, STAFF, UETZE, Cell
from tests.world import World


def _step(role: str, code: str):
    def make(world: World) -> dict:
        onboarding = world.onboarding(role)
        milestone = onboarding.milestones.get(code="parteibuch")
        if code == "zurueck":
            service.order([milestone.pk], world.person("staff"))
        return {"pk": onboarding.pk, "milestone": milestone.pk, "step": code}

    return make


def _all(world: World) -> dict:
    milestone = world.onboarding("newcomer").milestones.get(code="parteibuch")
    return {"milestones": [str(milestone.pk)]}


def _steps(code: str) -> list[Cell]:
    return [
        Cell(
            "POST",
            allowed | STAFF,
            _step(role, code),
            denied=MISSING,
            name=f"{code} {role}",
            moves=True,
        )
        for role, allowed in (("newcomer", GEHRDEN), ("foreign_newcomer", UETZE))
    ]


SPEC: dict[str, list[Cell]] = {
    "members:parteibuch_step": [
        *_steps("bestellt"),
        *_steps("eingegangen"),
        *_steps("zurueck"),
        Cell("POST", set(), _step("newcomer", "irgendwas"), denied=MISSING, name="absent"),
    ],
    "members:parteibuecher": [
        Cell("GET", STAFF, shows="newcomer"),
        Cell("POST", STAFF, data=_all, moves=True),
    ],
    "dashboards:contact_again": [
        Cell("GET", SIGNED_IN, moves=True),
        Cell("POST", SIGNED_IN, moves=True),
    ],
}
