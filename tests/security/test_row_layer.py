"""Row-level security holds alone: with the rule of visibility gone, and past it by name only."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from members.models import Gliederung, Interest, Onboarding, Person, Transfer
from portal.common import clock, middleware
from portal.common.scope import scope
from tests.world import canary, make_newcomer, make_person

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db
only_with_policies = pytest.mark.skipif(not settings.ROW_SECURITY, reason="ROW_SECURITY=off")
FOREIGN = "Zzuetzerin"


@pytest.fixture
def sabotaged(world, monkeypatch):
    """Somebody in Uetze on every kind of list, and a release that shows everything to everybody."""
    uetze, gehrden = world.gliederung("Uetze"), world.gliederung("Linden-Limmer")
    person = make_newcomer(FOREIGN, uetze, given_name="Zzvorname").person
    Onboarding.objects.filter(person=person).update(asked_for_call_at=clock.now())
    Transfer.objects.create(
        person=person, from_gliederung=uetze, to_gliederung=gehrden, started_at=clock.now()
    )
    interested = make_person("Zzinteressiert", uetze)
    Interest.objects.create(
        state="confirmed", person=interested, given_name="Zzi", family_name="Zzinteressiert",
        email="zzi@example.org", plz="31311", created_at=clock.now(), link_until=clock.now(),
        confirmed_at=clock.now(),
    )  # fmt: skip
    for model in (Person, Onboarding, Transfer, Interest):
        everything = lambda self, user: self.all()  # noqa: E731 -- one for each class
        monkeypatch.setattr(type(model.objects.all()), "visible_to", everything)
    monkeypatch.setattr(type(Gliederung.objects.all()), "where", lambda self, user, can: self.all())
    return person


LISTS = [
    ("members:newcomers", {}),
    ("members:newcomers", {"q": "zz"}),
    ("members:newcomers", {"liste": "gefragt"}),
    ("members:interested_list", {}),
    ("members:transfers", {}),
    ("members:coverage", {}),
    ("dashboards:heute", {}),
]
FOREIGNERS = (FOREIGN, "Zzvorname", "Zzinteressiert", canary("foreign_newcomer"))


@only_with_policies
@pytest.mark.parametrize(("name", "query"), LISTS)
def test_without_the_rule_of_visibility_a_list_still_shows_no_stranger(
    name, query, sabotaged, client_as
):
    body = client_as("ansprechperson").get(reverse(name), query).content.decode()
    assert [stranger for stranger in FOREIGNERS if stranger in body] == []


@pytest.mark.parametrize(("name", "query"), LISTS[:3])
def test_the_sabotage_would_show_them(name, query, sabotaged, client_as, monkeypatch):
    """Otherwise the test above would prove nothing."""
    monkeypatch.setattr(middleware, "scope", lambda name, user="": scope("system:test"))
    body = client_as("ansprechperson").get(reverse(name), query).content.decode()
    assert FOREIGN in body


@only_with_policies
def test_without_the_rule_a_strangers_page_does_not_exist(sabotaged, client_as):
    pk = sabotaged.onboardings.get().pk
    assert (
        client_as("ansprechperson").get(reverse("members:newcomer", args=[pk])).status_code == 404
    )


# Each way past the policies, with the reason; a new one is a decision. The scopes of tasks and
# commands stand here too: whoever runs them has no reach of their own.
PURPOSES = {
    ("portal/urls.py", "system:login"): "a login is looked up before anybody is signed in",
    ("members/views/doors.py", "system:door"): "a stranger gives an address, number or code",
    ("members/views/accounts.py", "system:door"): "a stranger has an invitation",
    ("members/views/interest.py", "system:interest"): "a form of somebody nobody knows yet",
    ("members/views/pulse.py", "system:pulse"): "the link answers for its person, without login",
    ("members/views/mentoring.py", "system:mentoring"): "proposals without names (R14)",
    ("members/views/tandem_board.py", "system:mentoring"): "who coordinates has no reach",
    ("members/views/mentors.py", "system:mentoring"): "a certificate counts what is long over",
    ("members/services/tandems.py", "system:mentoring"): "places and consents neither side sees",
    ("members/views/tandems.py", "system:mentoring"): "the other side, a second mentor, holds",
    ("members/services/mentors.py", "system:mentoring"): "takes proposals back made to others",
    ("members/views/profile.py", "system:mentoring"): "a certificate counts what is long over",
    ("events/views/termine.py", "system:events"): "places taken by others; who leads for others",
    ("events/views/planning.py", "system:events"): "an event's helpers have no office",
    ("events/views/people.py", "system:events"): "an event's helpers have no office",
    ("events/views/calendars.py", "system:events"): "the address answers for its person",
    ("events/services/answers.py", "system:events"): "places taken by others",
    ("portal/common/views.py", "system:link"): "a signed link acts for whom it was sent to",
    ("portal/common/health.py", "system:health"): "signs of life",
    ("portal/common/management/commands/take_bounce.py", "system:bounces"): "command",
    ("portal/dashboards/views/demo.py", "system:demo"): "one tap signs in, in the demo only",
    ("portal/dashboards/management/commands/demo_data.py", "system:demo"): "command",
    ("members/management/commands/assign_mentors.py", "system:matching"): "command",
    ("members/management/commands/import_members.py", "system:import"): "command",
    ("members/management/commands/appoint.py", "system:appoint"): "command",
    ("members/management/commands/setup_district.py", "system:setup"): "command",
    ("members/views/rights.py", "system:rights"): "data protection reads along who asked what",
    ("portal/dashboards/views/datenschutz.py", "system:audit"): "does who acted still exist?",
    ("members/services/erasure.py", "system:erasure"): "whoever is half gone is out of reach",
    ("members/services/replay.py", "system:replay"): "command, after a restore",
    ("members/middleware.py", "request"): "the page that says stop, as the one it replaces",
    ("portal/common/retaining.py", "system:retention"): "nightly, and counting beforehand",
    ("members/tasks.py", "system:matching"): "task",
    ("members/tasks.py", "system:import"): "task",
    ("portal/common/periodic.py", "system:{name}"): "every task that beat starts",
}


def test_every_way_past_the_policies_is_listed_with_its_reason():
    found = set()
    for folder in ("portal", "members", "events", "campaigns"):
        for path in (ROOT / folder).rglob("*.py"):
            for name in re.findall(r"scope\(\s*f?[\"'](.*?)[\"']", path.read_text()):
                found.add((str(path.relative_to(ROOT)), name))
    found.discard(("portal/common/middleware.py", "request"))
    assert found == set(PURPOSES)
