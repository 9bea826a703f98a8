"""What the database itself lets a request read and write, whatever the query forgot to ask."""

import random
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse

from members.models import (
    Contact,
    Interest,
    Meldung,
    Membership,
    MitmachOrt,
    Onboarding,
    Person,
    Transfer,
    User,
)
from portal.common import clock
from portal.common.models import Consent
from portal.common.scope import scope
from tests.members.test_who_sees_me import random_office
from tests.world import CAST, NEWCOMERS, canary, make_person

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.ROW_SECURITY, reason="ROW_SECURITY=off"),
]
OFFICES = {role for role, (_, kind) in CAST.items() if kind}


def as_(world, role):
    return scope("request", str(world.user(role).pk))


def readable(model, world, role, path):
    """Which of the cast a query without any condition finds, in a request of this role."""
    with as_(world, role):
        found = set(model._base_manager.values_list(path, flat=True))
    return {name for name in CAST if canary(name) in found}


HERE = {role for role, (place, _) in CAST.items() if place == "Gehrden"}
THERE = {role for role, (place, _) in CAST.items() if place == "Uetze"}
REACHED = {
    "newcomer": {"newcomer"},
    "member": {"member"},
    "ex_officer": {"ex_officer"},
    "ansprechperson": HERE,
    "vorsitz": HERE,
    "foreign_ansprechperson": THERE,
    "coordinator": {"coordinator"},
    "bezirk": {"bezirk"},
    "staff_without_mfa": {"staff_without_mfa"},
    "staff": set(CAST),
}


@pytest.mark.parametrize("role", REACHED)
def test_a_forgotten_filter_finds_whom_offices_reach_and_who_holds_one(role, world):
    assert readable(Person, world, role, "family_name") == REACHED[role] | OFFICES


@pytest.mark.parametrize("role", REACHED)
def test_what_was_promised_to_a_newcomer_is_found_by_who_reaches_them(role, world):
    found = readable(Onboarding, world, role, "person__family_name")
    assert found == REACHED[role] & set(NEWCOMERS)


def test_without_a_login_nobody_is_found(world):
    with scope("request"):
        assert [Person._base_manager.count(), Onboarding._base_manager.count()] == [0, 0]


@pytest.mark.parametrize("seed", range(2))
def test_the_database_knows_the_offices_as_the_rights_do(seed, world):
    """Offices of any kind, anywhere, in any state; one of three has left the party."""
    dice = random.Random(seed)
    for number in range(25):
        random_office(dice, world, number)
    people = list(Person.objects.filter(family_name__startswith="Nr"))
    for person in dice.sample(people, 8):
        number = f"M-{person.pk}"
        today = clock.today()
        Membership.objects.create(
            person=person, number=number, first_seen_on=today, left_on=today, has_ended=True
        )
    kinds = set()
    for user in User.objects.filter(is_active=True):
        with connection.cursor() as cursor:
            cursor.execute("select * from app_reach_of(%s, %s)", [user.pk, clock.today()])
            person, reach = cursor.fetchone()
        assert person == str(user.person_id)
        places = [*user.gliederungen("people.view"), *user.gliederungen("onboarding.act")]
        if user.sees_whole_district:
            assert reach == "all"
        else:
            assert set((reach or "{}").strip("{}").split(",")) - {""} == {
                str(place.pk) for place in places
            }
        kinds.add(reach if reach in ("all", None) else "some")
    assert kinds == {"all", "some", None}


def test_an_inner_scope_sees_everything_and_the_outer_one_then_what_it_did(world):
    with as_(world, "newcomer"):
        before = Person._base_manager.count()
        with scope("system:test"):
            assert Person._base_manager.count() == len(CAST)
        assert Person._base_manager.count() == before == len(OFFICES) + 1


def test_people_without_a_gliederung_are_the_districts(world):
    lost = make_person("Zzlost", None)
    found = {}
    for role in ("staff", "vorsitz"):
        with as_(world, role):
            found[role] = Person._base_manager.filter(pk=lost.pk).exists()
    assert found == {"staff": True, "vorsitz": False}


# --- Who is read beyond one's reach, because a name is shown --------------------------------


def test_who_asked_at_a_place_is_known_to_its_host_and_no_other_member(world):
    ort = MitmachOrt.objects.create(
        kind="treff", title="Treff", gliederung=world.gliederung("Uetze"),
        host=world.person("mentor"), confirmed_on=clock.today(),
    )  # fmt: skip
    asked = world.person("foreign_newcomer")
    Meldung.objects.create(ort=ort, person=asked, created_at=clock.now())
    seen = {role: asked.family_name in _names(world, role) for role in ("mentor", "member")}
    assert seen == {"mentor": True, "member": False}
    assert canary("mentor") in _names(world, "member")


def test_who_is_on_the_way_is_known_where_they_go_until_it_is_over(world):
    moving = world.person("newcomer")
    move = Transfer.objects.create(
        person=moving, from_gliederung=world.gliederung("Gehrden"),
        to_gliederung=world.gliederung("Uetze"), started_at=clock.now(),
    )  # fmt: skip
    assert moving.family_name in _names(world, "foreign_ansprechperson")
    move.state, move.ended_at = Transfer.State.REFUSED, clock.now()
    move.save()
    assert moving.family_name not in _names(world, "foreign_ansprechperson")


def _names(world, role):
    with as_(world, role):
        return set(Person._base_manager.values_list("family_name", flat=True))


# --- Writing --------------------------------------------------------------------------------


def a_talk(onboarding):
    return Contact(
        onboarding=onboarding, made_on=clock.today(), result="reached", note="Zznote",
        created_at=clock.now(), submit_token=uuid.uuid4(),
    )  # fmt: skip


def test_a_note_about_somebody_out_of_reach_is_refused_although_the_key_exists(world):
    """Foreign keys are checked past the policies."""
    own, foreign = world.onboarding("newcomer"), world.onboarding("foreign_newcomer")
    with as_(world, "ansprechperson"):
        a_talk(own).save()
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            a_talk(foreign).save()
        assert Contact._base_manager.count() == 1


WRITES = {
    "consent": lambda person: Consent(
        subject=person.pk, text_id=uuid.UUID(int=0), channel="phone", given_at=clock.now()
    ),
    "membership": lambda person: Membership(
        person=person, has_ended=True, left_on=clock.today(), first_seen_on=clock.today()
    ),
    "onboarding": lambda person: Onboarding(person=person, started_on=clock.today()),
    "interest": lambda person: Interest(
        person=person, given_name="A", family_name="B", email="a@example.org", plz="1",
        created_at=clock.now(), link_until=clock.now(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", WRITES)
def test_no_row_can_be_written_about_somebody_out_of_reach(row, world):
    foreign = world.person("foreign_newcomer")
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        as_(world, "ansprechperson"),
    ):
        WRITES[row](foreign).save()


def test_office_holders_are_read_by_all_and_written_by_who_reaches_them(world):
    people = Person._base_manager.filter(family_name=canary("foreign_ansprechperson"))
    with as_(world, "ansprechperson"):
        assert (people.count(), people.update(phone="1"), people._raw_delete("default")) == (
            1,
            0,
            0,
        )
        assert list(people.select_for_update()) == []
    with as_(world, "staff"):
        assert people.update(phone="2") == 1


def test_nobody_can_be_moved_out_of_reach(world):
    people = Person._base_manager.filter(family_name=canary("newcomer"))
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        as_(world, "ansprechperson"),
    ):
        people.update(gliederung=world.gliederung("Uetze"))


def test_a_unique_number_tells_nobody_that_a_hidden_row_exists(world, client_as):
    """Postgres compares with hidden rows too, so only whoever sees everybody may type one.

    About somebody out of reach the policy refuses first; the page is the office's alone; the
    public door that takes numbers answers the same for all (test_same_work).
    """
    taken = Membership(
        person=world.person("foreign_newcomer"), number="M-member", has_ended=True,
        left_on=clock.today(), first_seen_on=clock.today(),
    )  # fmt: skip
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        as_(world, "vorsitz"),
    ):
        taken.save(force_insert=True)
    with pytest.raises(IntegrityError), as_(world, "staff"):
        taken.save(force_insert=True)
    answers = [
        client_as("vorsitz").post(reverse("members:enter"), {"number": number})
        for number in ("M-foreign_newcomer", "M-nobody")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].content == answers[1].content
