"""Who may use the pages of a tandem: its two sides, the coordinator, and two of the office."""

from members.models import MatchProposal, Mentor, PairRule, Tandem, TandemReport, Topic
from portal.common import clock
from tests.members import tandem_people
from tests.security.cell import ALL, COORDINATES, MISSING, SIGNED_IN, STAFF, Cell
from tests.world import World

SIDES = {"newcomer", "mentor"}
MENTOR = {"mentor"}
ABSENT = "00000000-0000-4000-8000-000000000000"


def _tandem(state: str):
    def make(world: World) -> dict:
        found = Tandem.objects.filter(state=state).first()
        return {"pk": (found or tandem_people.tandem(world, state)).pk}

    return make


def _absent(_: World) -> dict:
    return {"pk": ABSENT}


def _proposed(world: World) -> dict:
    if not MatchProposal.objects.exists():
        tandem_people.propose(world)
    return {}


def _pair(world: World) -> dict:
    _proposed(world)
    return {"pk": MatchProposal.objects.get().pk}


def _rule(world: World) -> dict:
    found = PairRule.objects.first() or PairRule.objects.create(
        newcomer=world.person("newcomer"),
        mentor=world.person("mentor"),
        kind="forbidden",
        made_at=clock.now(),
    )
    return {"pk": found.pk}


def _completed(world: World) -> dict:
    _tandem("ended")(world)
    return {}


def _mentor(world: World) -> dict:
    return {"pk": Mentor.objects.get(person=world.person("mentor")).pk}


def _report(world: World) -> dict:
    found = TandemReport.objects.first() or TandemReport.objects.create(
        tandem=tandem_people.tandem(world, "ended", outcome="blocked"),
        reporter=world.person("newcomer"),
        created_at=clock.now(),
        first_told=world.person("staff"),
    )
    return {"pk": found.pk}


def _some_report(world: World) -> dict:
    _report(world)
    return {}


def _answer(_: World) -> dict:
    return {"antwort": "ja"}


def _profile(_: World) -> dict:
    topic = Topic.objects.first()
    assert topic is not None
    return {"topics": [topic.pk], "languages": ["de"], "capacity": "2", "promise": "on"}


def _met(_: World) -> dict:
    return {"met_on": clock.today().isoformat(), "how": "call"}


def _feedback(_: World) -> dict:
    return {"useful": "4", "meetings": "3", "again": "ja", "involved": "nein"}


SPEC: dict[str, list[Cell]] = {
    "members:mentor_new": [
        # Whoever is one already comes to the own page.
        Cell("GET", ALL - MENTOR - {"staff_without_mfa"}, public=True, denied="moved"),
        Cell(
            "POST",
            SIGNED_IN - MENTOR,
            data=_profile,
            public=True,
            denied="any",
            moves=True,
        ),
    ],
    "members:mentor_invite": [
        Cell("POST", STAFF, lambda world: {"pk": world.person("member").pk}, moves=True)
    ],
    "members:my_tandems": [Cell("GET", MENTOR, denied=MISSING)],
    "members:mentor_profile": [
        Cell("GET", MENTOR, denied=MISSING),
        Cell("POST", MENTOR, data=_profile, denied=MISSING, moves=True),
    ],
    "members:mentor_pause": [
        Cell("POST", MENTOR, data=lambda _: {"pause": "ja"}, denied=MISSING, moves=True)
    ],
    "members:mentor_stop": [Cell("POST", MENTOR, denied=MISSING, moves=True)],
    "members:mentor_certificate": [
        Cell("GET", MENTOR, lambda world: _completed(world), denied=MISSING, is_file=True)
    ],
    "members:my_proposal": [
        # Whoever is proposed nobody is told so, on the own page.
        Cell("POST", SIGNED_IN, _proposed, _answer, moves=True)
    ],
    "members:tandem": [
        Cell("GET", SIDES, _tandem("active"), denied=MISSING, name="active"),
        Cell("GET", SIDES, _tandem("ended"), denied=MISSING, name="ended"),
        Cell("GET", set(), _tandem("asked"), denied=MISSING, name="asked"),
        Cell("GET", set(), _absent, denied=MISSING, name="absent"),
    ],
    "members:tandem_answer": [
        Cell("POST", MENTOR, _tandem("asked"), _answer, denied=MISSING, moves=True)
    ],
    "members:tandem_met": [
        Cell("POST", SIDES, _tandem("active"), _met, denied=MISSING, moves=True)
    ],
    "members:tandem_leave": [
        Cell("GET", SIDES, _tandem("active"), denied=MISSING),
        Cell(
            "POST",
            SIDES,
            _tandem("active"),
            lambda _: {"schritt": "aufhoeren"},
            denied=MISSING,
            moves=True,
        ),
    ],
    "members:tandem_report": [
        Cell("GET", SIDES, _tandem("active"), denied=MISSING),
        Cell(
            "POST",
            SIDES,
            _tandem("active"),
            lambda _: {"told": "melden", "text": "x"},
            denied=MISSING,
            moves=True,
        ),
    ],
    "members:tandem_feedback": [
        Cell("GET", SIDES, _tandem("ended"), denied=MISSING),
        Cell("POST", SIDES, _tandem("ended"), _feedback, denied=MISSING, moves=True),
    ],
    "members:tandem_board": [Cell("GET", COORDINATES)],
    "members:tandem_care": [
        Cell("GET", COORDINATES, _tandem("active")),
        Cell("POST", COORDINATES, _tandem("active"), lambda _: {"step": "called"}, moves=True),
    ],
    "members:mentors": [Cell("GET", COORDINATES, shows="mentor")],
    "members:mentor_prepare": [
        Cell("GET", COORDINATES, _mentor, shows="mentor"),
        Cell(
            "POST",
            COORDINATES,
            _mentor,
            lambda _: {"prepared_on": clock.today().isoformat()},
            moves=True,
        ),
    ],
    "members:pair_rule": [
        Cell("POST", COORDINATES, _pair, lambda _: {"kind": "fixed"}, moves=True)
    ],
    "members:pair_rule_lift": [Cell("POST", COORDINATES, _rule, moves=True)],
    "members:tandem_reports": [Cell("GET", STAFF, lambda w: _some_report(w), shows="newcomer")],
    "members:tandem_report_close": [
        Cell("POST", STAFF, _report, denied="403", moves=True),
        Cell("POST", set(), _absent, denied="any", name="absent"),
    ],
}
