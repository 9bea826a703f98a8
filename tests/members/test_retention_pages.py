"""*Löschen*: two people say yes, one is enough to stop, and the page names nobody."""

import pytest
from django.urls import reverse

from members.models import Amt
from portal.common import retaining, retention
from portal.common.models import AuditEvent, RetentionApproval, RetentionRun
from portal.common.todos import todos_for
from tests.concurrency import at_once
from tests.world import canary, make_amt, make_person, make_user

RULE = "person.left"
URL = "/loeschen/"


@pytest.fixture
def officer(world):
    """The person who answers for data protection: no other right than this one."""
    person = make_person("Zzdatenschutz")
    make_amt(person, world.gliederung("Region"), Amt.Kind.DATENSCHUTZ)
    return make_user(person, second_factor=True)


@pytest.fixture
def waits(world):
    RetentionApproval.objects.filter(rule=RULE).delete()
    return retention.find(RULE)


def say_yes(client, rule):
    url = reverse("members:retention_approve")
    return client.post(url, {"regel": rule.fingerprint}, follow=True).content.decode()


def test_both_who_may_say_yes_are_told_and_the_second_yes_makes_it_hold(
    world, client_as, officer, waits
):
    def titles(user):
        return [t.title for t in todos_for(user) if t.kind == "retention"]

    asked = ["Eine Löschregel wartet auf dein Ja"]
    assert (titles(world.user("staff")), titles(officer)) == (asked, asked)
    staff = client_as("staff")
    assert "fehlt noch das Ja einer zweiten Person" in say_yes(staff, waits)
    assert (titles(world.user("staff")), titles(officer)) == ([], asked)
    assert RULE in retaining.waiting()
    assert "schon Ja gesagt" in say_yes(staff, waits)
    assert RULE in retaining.waiting()
    retaining.approve([RULE], officer.person_id)
    assert RULE not in retaining.waiting()
    assert titles(officer) == []
    assert AuditEvent.objects.filter(code="retention.approved", fields=[RULE]).count() == 2


def test_a_rule_that_changed_after_it_was_shown_is_not_approved(client_as, waits):
    page = client_as("staff").post(
        reverse("members:retention_approve"), {"regel": "alt"}, follow=True
    )
    assert "Eine Regel hat sich gerade geändert" in page.content.decode()
    assert RetentionApproval.objects.filter(rule=RULE).count() == 0


def test_one_person_is_enough_to_stop_a_rule(world, client_as):
    client_as("staff").post(reverse("members:retention_stop", args=[RULE]))
    assert list(retaining.waiting()) == [RULE]


def test_the_page_shows_numbers_and_states_but_no_names(world, client_as, waits):
    RetentionRun.objects.create(
        rule=RULE, day="2026-01-02", at="2026-01-02T01:00Z", dry_run=True, count=7, held=2
    )
    page = client_as("staff").get(URL).content.decode()
    assert "7 fällig, 2 gesperrt" in page
    assert "wartet auf zwei" in page
    assert "90 Tage nach dem Austritt" in " ".join(page.split())
    assert not [role for role in ("newcomer", "member") if canary(role) in page]


def test_counting_deletes_nothing(world, client_as):
    page = client_as("staff").post(reverse("members:retention_count"), follow=True)
    assert "Zusammen ist heute Nacht 0 Mal etwas fällig." in page.content.decode()
    assert set(RetentionRun.objects.values_list("dry_run", flat=True)) == {True}


def test_two_people_who_say_yes_at_the_same_moment_are_first_and_second(live_world):
    RetentionApproval.objects.filter(rule=RULE).delete()
    people = [live_world.person(role).pk for role in ("staff", "coordinator")]
    at_once(*(lambda by=by: retaining.approve([RULE], by) for by in people))
    said = RetentionApproval.objects.get(rule=RULE)
    assert {said.first_by, said.second_by} == set(people)


def test_one_person_who_taps_twice_at_the_same_moment_is_one(live_world):
    RetentionApproval.objects.filter(rule=RULE).delete()
    one = live_world.person("staff").pk
    with pytest.raises(retaining.NotYours):
        at_once(*[lambda: retaining.approve([RULE], one)] * 2)
    assert RetentionApproval.objects.get(rule=RULE).second_by is None
