"""„Wer mich sieht“ says exactly what `visible_to` does, and names people as R12 allows."""

import random
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from members.models import Amt, Contact, Gliederung, Onboarding, Person, User
from members.queries import my_data, who_sees_me
from members.services import onboarding as service
from portal.common import clock
from portal.common.fields import rules
from tests.world import CAST, canary, make_amt, make_newcomer, make_person, make_user

DAY = timedelta(days=1)


def seen_by_rule(person):
    """Everybody with a login that works, asked one by one."""
    return {
        user.pk
        for user in User.objects.filter(is_active=True).exclude(person=person)
        if Person.objects.visible_to(user).filter(pk=person.pk).exists()
    }


def listed(person, world):
    return {viewer.user_id for viewer in who_sees_me.viewers_of(person, world.district)}


@pytest.mark.parametrize("role", sorted(CAST))
def test_the_list_is_the_rule_for_everybody_of_the_cast(role, world):
    person = world.person(role)
    assert listed(person, world) == seen_by_rule(person)
    # Without a second factor nobody else stands there, so nobody sees the office.
    assert (listed(person, world) == set()) == (role == "staff")


def random_office(dice, world, number):
    """Any office, anywhere, in any state an office can be in."""
    today = clock.today()
    place = dice.choice(list(Gliederung.objects.order_by("path")))
    person = make_person(f"Nr{number}", place)
    values = dice.choice(
        [
            {},
            {"ende": today - DAY},
            {"ende": today},
            {"beginn": today + DAY},
            {"pledged_on": None},
            {"trained_on": None},
            {"is_pending": True},
            {"ended_at": clock.now()},
            {"beginn": today - timedelta(days=800)},
            {"beginn": today - timedelta(days=800), "renewed_on": today},
        ]
    )
    kinds = [kind for kind in Amt.Kind.values if kind != Amt.Kind.ANSPRECHPERSON]
    make_amt(person, place, dice.choice(kinds), **values)
    if dice.random() < 0.9:
        user = make_user(person, second_factor=dice.random() < 0.8)
        User.objects.filter(pk=user.pk).update(is_active=dice.random() < 0.9)


@pytest.mark.parametrize("seed", range(3))
def test_the_list_is_the_rule_for_random_offices(seed, world):
    dice = random.Random(seed)
    for number in range(20):
        random_office(dice, world, number)
    gone = make_newcomer("Zzgone", world.gliederung("Uetze"))
    Onboarding.objects.filter(pk=gone.pk).update(state=Onboarding.State.CLOSED)
    lost = make_person("Zzlost", None)
    cast = [world.person(role) for role in ("newcomer", "foreign_newcomer", "member", "bezirk")]
    people = [*cast, *Person.objects.filter(family_name__startswith="Nr")[:4], gone.person, lost]
    for person in people:
        assert listed(person, world) == seen_by_rule(person), person.family_name


def circles(world, role="newcomer"):
    return {
        circle.office: circle for circle in who_sees_me.circles(world.person(role), world.district)
    }


def test_only_the_contact_has_a_surname_before_the_first_talk(world):
    found = circles(world)
    assert {office: circle.names for office, circle in found.items()} == {
        "Ansprechperson für Neumitglieder": [world.person("ansprechperson").full_name],
        "Stellvertretung der Ansprechperson": ["Deputy"],
        "Vorsitz": ["Vorsitz"],
        "Geschäftsstelle": [],
    }


def test_after_the_first_talk_the_volunteers_have_names_and_the_office_still_has_none(world):
    Contact.objects.create(
        onboarding=world.onboarding("newcomer"),
        made_on=clock.today(),
        result="reached",
        created_at=clock.now(),
        submit_token="8b0a4a70-6d2e-4f6e-9f0e-000000000009",
    )
    found = circles(world)
    assert found["Vorsitz"].names == [world.person("vorsitz").full_name]
    assert found["Geschäftsstelle"].names == []


def test_each_office_says_since_when_and_until_when(world):
    amt = Amt.objects.get(person=world.person("ansprechperson"))
    amt.ende = clock.today() + 30 * DAY
    amt.save()
    circle = circles(world)["Ansprechperson für Neumitglieder"]
    # Nobody saw anything before there was something to see.
    assert (circle.since, circle.until) == (clock.today(), amt.ende)
    assert circle.why == who_sees_me.WHY["onboarding.act"]


def test_an_ordinary_member_is_seen_by_the_office_only(world):
    assert set(circles(world, "member")) == {"Geschäftsstelle"}


def test_the_page_names_nobody_it_must_not_name(world, client_as):
    body = client_as("newcomer").get(reverse("members:my_data")).content.decode()
    shown = {role for role in CAST if canary(role) in body}
    assert shown == {"newcomer", "ansprechperson"}
    assert world.person("deputy").email not in body


def test_everything_the_registry_calls_mine_is_on_the_page(world, client_as):
    """A new field of these classes stands here by itself, filled or named as missing."""
    person = my_data.load(world.person("newcomer").pk)
    told = {label for row in my_data._rows(person) for _, label, _ in my_data._facts(row)}
    expected = {
        my_data.label_of(row, row._meta.get_field(name))
        for row in my_data._rows(person)
        for name, kind in rules()[row._meta.label].fields.items()
        if kind in my_data.TITLES
        and name not in my_data.LEFT_OUT
        and not my_data._was_never_asked(row, name)
    }
    assert told == expected
    groups = my_data.stored_about(person)
    body = client_as("newcomer").get(reverse("members:my_data")).content.decode()
    shown = [part for group in groups for fact in group.facts for part in fact]
    shown += [label for group in groups for label in group.empty]
    assert [part for part in shown if escape(part) not in body] == []
    assert len(shown) > 30


def test_values_are_said_in_words(world):
    person = my_data.load(world.person("newcomer").pk)
    person.skills, person.wish, person.languages = ["kochen"], "watching", ["tr", "xx"]
    facts = {label: value for group in my_data.stored_about(person) for label, value in group.facts}
    assert facts["Fähigkeiten"] == "kochen und backen"
    assert facts["Wie aktiv"] == "Ich will erst mal zuschauen"
    assert facts["Sprachen"] == "Türkisch, xx"


def test_every_note_about_me_stands_there_at_once(world, client_as):
    talk = service.Talk("call", "reached", "8b0a4a70-6d2e-4f6e-9f0e-000000000008", "mag Züge")
    service.log_contact(world.onboarding("newcomer"), world.person("ansprechperson"), talk)
    assert "mag Züge" in client_as("newcomer").get(reverse("members:my_data")).content.decode()
