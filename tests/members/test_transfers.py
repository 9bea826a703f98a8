"""Change of Ortsverein: both sides agree, then the responsibility moves (B11)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Absence, Membership, Milestone, Onboarding, Person, Transfer
from members.services import exits, imports, transfers, tree
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import AuditEvent
from portal.common.todos import todos_for
from tests.concurrency import at_once
from tests.members.exports import counts, joined, rows, take_over

State = Transfer.State


def begin(world, gives=False):
    person, by = world.person("newcomer"), world.person("ansprechperson" if gives else "staff")
    return transfers.start(person, world.gliederung("Uetze"), by, gives=gives)


def state(transfer):
    return Transfer.objects.get(pk=transfer.pk).state


def test_the_whole_way_moves_milestones_and_responsibility_at_its_end_only(world):
    onboarding = world.onboarding("newcomer")
    milestones = list(Milestone.objects.filter(onboarding=onboarding).values())
    transfer = begin(world)
    for step, role, expected in (
        (transfers.give, "ansprechperson", State.GIVEN),
        (transfers.take, "foreign_ansprechperson", State.TAKEN),
    ):
        step(transfer, world.person(role))
        assert state(transfer) == expected
        onboarding.refresh_from_db()
        assert onboarding.responsible == world.person("ansprechperson")
        assert world.person("newcomer").gliederung.name == "Gehrden"
    transfers.complete(transfer, world.person("staff"))
    onboarding.refresh_from_db()
    assert (state(transfer), onboarding.responsible) == (
        State.DONE,
        world.person("foreign_ansprechperson"),
    )
    person = world.person("newcomer")
    assert (person.gliederung.name, person.kommune.name) == ("Uetze", "Uetze")
    assert list(Milestone.objects.filter(onboarding=onboarding).values()) == milestones


STEPS = {
    "give": transfers.give,
    "take": transfers.take,
    "complete": transfers.complete,
    "refuse": transfers.refuse,
    "withdraw": transfers.withdraw,
}
ALLOWED = {
    State.OPEN: {"give", "refuse", "withdraw"},
    State.GIVEN: {"take", "refuse", "withdraw"},
    State.TAKEN: {"complete", "refuse", "withdraw"},
    State.DONE: set(),
    State.REFUSED: set(),
    State.WITHDRAWN: set(),
}


@pytest.mark.parametrize("before", State.values)
@pytest.mark.parametrize("step", list(STEPS))
def test_a_step_out_of_turn_is_refused_with_a_sentence(world, before, step):
    transfer = begin(world)
    ended = None if before in Transfer.OPEN_STATES else clock.now()
    Transfer.objects.update(state=before, ended_at=ended)
    if step in ALLOWED[before]:
        STEPS[step](transfer, world.person("staff"))
        assert state(transfer) != before
    else:
        with pytest.raises(transfers.StepRefused, match=r"\w+ .*\.$"):
            STEPS[step](transfer, world.person("staff"))
        assert state(transfer) == before


def test_two_people_at_once_make_one_step(live_world):
    transfer = begin(live_world)
    refused = []

    def give(role):
        def work():
            try:
                transfers.give(transfer, live_world.person(role))
            except transfers.StepRefused:
                refused.append(role)

        return work

    at_once(give("ansprechperson"), give("vorsitz"), give("deputy"))
    assert (state(transfer), len(refused)) == (State.GIVEN, 2)


def test_who_speaks_for_the_giving_side_agrees_by_beginning(world, client_as):
    client = client_as("ansprechperson")
    url = reverse("members:start_transfer", args=[world.person("newcomer").pk])
    client.post(url, {"gliederung": str(world.gliederung("Uetze").pk)})
    assert Transfer.objects.get().state == State.GIVEN


def test_one_change_at_a_time_and_to_somewhere_else(world):
    staff, person = world.person("staff"), world.person("newcomer")
    with pytest.raises(DomainError, match="gehört schon zu"):
        transfers.start(person, world.gliederung("Gehrden"), staff, gives=False)
    begin(world)
    with pytest.raises(DomainError, match="läuft schon"):
        begin(world)
    Transfer.objects.all().delete()
    Membership.objects.filter(person=person).update(has_ended=True, left_on=clock.today())
    with pytest.raises(DomainError, match="nicht Mitglied"):
        begin(world)


@pytest.mark.parametrize(
    ("role", "steps"),
    [
        ("ansprechperson", ["Gehrden sagt zu", "Ablehnen"]),
        ("foreign_ansprechperson", ["Ablehnen"]),
        ("staff", ["Gehrden sagt zu", "Ablehnen", "Zurückziehen"]),
    ],
)
def test_everybody_sees_the_steps_that_are_theirs(world, client_as, role, steps):
    begin(world)
    page = client_as(role).get(reverse("members:transfers")).content.decode()
    known = ["Gehrden sagt zu", "Uetze sagt zu", "Wechsel vollziehen", "Ablehnen", "Zurückziehen"]
    assert [step for step in known if f">{step}</button>" in page] == steps


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("staff", "Jetzt fragst du Uetze. Hat Uetze ja gesagt, trag es hier ein."),
        ("ansprechperson", "Jetzt sagt Uetze zu."),
    ],
)
def test_after_each_step_it_says_whose_turn_it_is(world, client_as, role, sentence):
    url = reverse("members:transfer_step", args=[begin(world).pk, "abgeben"])
    assert [str(m) for m in client_as(role).post(url, follow=True).context["messages"]] == [
        sentence
    ]


@pytest.mark.parametrize("role", ["ansprechperson", "staff"])
def test_a_running_change_is_told_on_the_page_and_not_offered_again(world, client_as, role):
    onboarding = world.onboarding("newcomer")
    client, person = client_as(role), onboarding.person
    again = reverse("members:start_transfer", args=[person.pk])
    pages = [reverse("members:newcomer", args=[onboarding.pk])]
    if role == "staff":
        pages.append(reverse("members:person", args=[person.pk]))
    assert [again in client.get(url).content.decode() for url in pages] == [True] * len(pages)
    begin(world, gives=True)
    texts = [client.get(url).content.decode() for url in pages]
    assert [again in text for text in texts] == [False] * len(pages)
    assert ["Uetze sagt noch zu." in " ".join(text.split()) for text in texts] == [True] * len(
        pages
    )
    # The name leads back to the page.
    assert pages[-1] in client.get(reverse("members:transfers")).content.decode()


@pytest.mark.parametrize(
    ("role", "step", "status"),
    [
        ("foreign_ansprechperson", "abgeben", 403),
        ("ansprechperson", "aufnehmen", 403),
        ("ansprechperson", "vollziehen", 403),
        ("ansprechperson", "zurueckziehen", 403),
        ("ansprechperson", "unsinn", 404),
        ("newcomer", "abgeben", 404),
    ],
)
def test_nobody_speaks_for_the_other_side(world, client_as, role, step, status):
    transfer = begin(world)
    url = reverse("members:transfer_step", args=[transfer.pk, step])
    assert client_as(role).post(url).status_code == status
    assert state(transfer) == State.OPEN


def waiting(world, role):
    return [todo.title for todo in todos_for(world.user(role)) if todo.kind == "transfers"]


def test_whoever_has_to_answer_finds_it_under_zu_tun(world):
    title = ["Ein Wechsel wartet auf deine Zusage"]
    transfer = begin(world)
    assert [waiting(world, role) for role in ("ansprechperson", "foreign_ansprechperson")] == [
        title,
        [],
    ]
    assert waiting(world, "staff") == []
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert waiting(world, "staff") == title
    transfers.give(transfer, world.person("ansprechperson"))
    assert [waiting(world, role) for role in ("ansprechperson", "foreign_ansprechperson")] == [
        [],
        title,
    ]
    transfers.take(transfer, world.person("foreign_ansprechperson"))
    assert [waiting(world, role) for role in ("foreign_ansprechperson", "staff")] == [[], title]


def test_where_nobody_of_a_side_can_be_told_the_office_is_at_once(world):
    title, day = ["Ein Wechsel wartet auf deine Zusage"], clock.today()
    transfer = begin(world)
    for role in ("ansprechperson", "deputy", "vorsitz"):
        assert waiting(world, "staff") == []
        Absence.objects.create(person=world.person(role), first_day=day, last_day=day)
    assert waiting(world, "staff") == title
    transfers.give(transfer, world.person("ansprechperson"))
    assert waiting(world, "staff") == []
    Person.objects.filter(pk=world.person("foreign_ansprechperson").pk).update(email="")
    assert waiting(world, "staff") == title


def line(place, plz):
    return rows(f"77;Jana;Umzug;j@example.org;{plz};{joined(5)};;{place}")


def test_a_move_in_the_export_is_recorded_and_ends_the_open_change(world):
    take_over(line("Gehrden", 30989))
    person = Membership.objects.get(number="77").person
    transfers.start(person, world.gliederung("Uetze"), world.person("staff"), gives=False)
    take_over(line("Uetze", 31311))
    assert list(Transfer.objects.values_list("state", "source")) == [("done", "hand")]
    run = take_over(line("Springe", 31832))
    recorded = Transfer.objects.get(source="import")
    assert (recorded.state, recorded.from_gliederung.name, recorded.to_gliederung.name) == (
        "done",
        "Uetze",
        "Springe",
    )
    imports.order_undo(run, world.person("staff"))
    imports.carry_out_undo(run.pk)
    assert Transfer.objects.filter(source="import").count() == 0


def test_an_export_that_lags_behind_does_not_move_anybody_back(world):
    take_over(line("Gehrden", 30989))
    person = Membership.objects.get(number="77").person
    staff = world.person("staff")
    transfer = transfers.start(person, world.gliederung("Uetze"), staff, gives=True)
    transfers.take(transfer, staff)
    transfers.complete(transfer, staff)
    run = take_over(line("Gehrden", 30989))
    assert counts(run) == {"unchanged": 1}
    person.refresh_from_db()
    assert person.gliederung.name == "Uetze"
    with time_machine.travel(clock.now() + timedelta(days=61)):
        assert counts(take_over(line("Gehrden", 30989))) == {"moved": 1}


def test_who_leaves_does_not_change_any_more(world):
    transfer = begin(world)
    staff = world.person("staff")
    exits.record_exit(world.person("newcomer"), clock.today(), "wish", staff)
    assert state(transfer) == State.WITHDRAWN
    assert Onboarding.objects.running().filter(person=world.person("newcomer")).exists() is False


def test_a_transfer_follows_when_the_new_ortsverein_is_merged(world):
    person, staff = world.person("member"), world.person("staff")
    gehrden, uetze, springe = map(world.gliederung, ("Gehrden", "Uetze", "Springe"))
    transfer = transfers.start(person, uetze, staff, gives=True)

    Person.objects.filter(gliederung=uetze).update(gliederung=gehrden)
    uetze.aemter.all().delete()

    with pytest.raises(DomainError, match="1 offener Wechsel hierher"):
        tree.close(uetze, staff)
    tree.merge(uetze, springe, staff)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.to_gliederung) == (Transfer.State.GIVEN, springe)

    tree.merge(springe, gehrden, staff)
    transfer.refresh_from_db()
    assert transfer.state == Transfer.State.WITHDRAWN
    told = AuditEvent.objects.filter(code="transfer.merged").values_list("subject", "actor")
    assert list(told) == [(transfer.pk, staff.pk)] * 2
    with pytest.raises(DomainError, match="gibt es nicht mehr"):
        transfers.start(person, springe, staff, gives=True)


def seen_by(client_as, role, person):
    return person.family_name in client_as(role).get(reverse("members:transfers")).content.decode()


def test_a_change_that_is_over_shows_no_side_a_name_it_does_not_see_elsewhere(world, client_as):
    member, newcomer = world.person("member"), world.person("newcomer")
    name, number = member.family_name, member.memberships.get().number
    take_over(rows(f"{number};Member;{name};{member.email};31311;{joined(20)};;Uetze"))
    transfers.withdraw(begin(world), world.person("staff"))

    seen = {
        role: (seen_by(client_as, role, member), seen_by(client_as, role, newcomer))
        for role in ("ansprechperson", "foreign_ansprechperson", "staff")
    }

    assert seen == {
        "ansprechperson": (False, True),
        "foreign_ansprechperson": (False, False),
        "staff": (True, True),
    }


def test_both_sides_are_asked_about_a_plain_member_too_until_the_member_leaves(world, client_as):
    member, sides = world.person("member"), ("ansprechperson", "foreign_ansprechperson")
    transfers.start(member, world.gliederung("Uetze"), world.person("staff"), gives=False)
    assert [seen_by(client_as, role, member) for role in sides] == [True, True]

    Membership.objects.filter(person=member).update(has_ended=True, left_on=clock.today())
    assert [seen_by(client_as, role, member) for role in sides] == [False, False]
