"""Enter a new member by hand: clock and welcome as from the export, and nobody twice."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from members.models import Membership, Onboarding, Person
from members.services import entry
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from tests.concurrency import at_once


def filled(world, **values):
    return {
        "given_name": "Jana",
        "family_name": "Papier",
        "email": "jana@example.org",
        "phone": "0151 23456789",
        "plz": "30989",
        "gliederung": str(world.gliederung("Gehrden").pk),
        "joined_on": clock.today().isoformat(),
        "kind": "member",
        "language": "leicht",
        "channel": "letter",
        "number": "",
        "submit_token": str(uuid.uuid4()),
    } | values


@pytest.fixture
def send(world, client_as):
    client = client_as("staff")
    return lambda **values: client.post(reverse("members:enter"), filled(world, **values))


def papier():
    return Person.objects.get(family_name="Papier")


def test_the_form_gives_person_membership_clock_and_welcome(world, send):
    answer = send()
    person = papier()
    assert answer.url == reverse("members:person", args=[person.pk])
    assert (person.phone, person.language, person.preferred_channel) == (
        "+49 1512 3456789",
        "leicht",
        "letter",
    )
    membership = person.memberships.get()
    assert (membership.number, membership.joined_on) == (None, clock.today())
    onboarding = Onboarding.objects.get(person=person)
    assert onboarding.responsible == world.person("ansprechperson")
    assert OutgoingMail.objects.get().recipient_key == person.pk


def test_without_an_address_the_welcome_is_a_letter(send):
    send(email="")
    assert OutgoingMail.objects.get().channel == "letter"


def test_an_address_is_enough_and_is_kept_only_for_letters(send):
    home = {"street": "Am Markt 1", "city": "Gehrden"}
    send(email="", phone="", **home)
    send(given_name="Bo", family_name="Zwei", email="bo@example.org", phone="", **home)
    found = [papier(), Person.objects.get(family_name="Zwei")]
    assert [(p.street, p.city) for p in found] == [("Am Markt 1", "Gehrden"), ("", "")]


@pytest.mark.parametrize(
    ("plz", "place", "question"), [("30989", "Gehrden", ""), ("30449", None, "ortsverein")]
)
def test_the_postal_code_finds_the_ortsverein_or_leaves_it_to_a_human(
    world, send, plz, place, question
):
    send(gliederung="", plz=plz)
    person = papier()
    assert (person.gliederung and person.gliederung.name, person.open_question) == (place, question)
    assert OutgoingMail.objects.count() == (1 if place else 0)


def test_two_people_without_number_and_one_with(send):
    send()
    send(given_name="Bo", family_name="Zwei", email="bo@example.org", phone="")
    send(given_name="Al", family_name="Drei", email="al@example.org", phone="", number="4711")
    numbers = Membership.objects.filter(person__family_name__in=["Papier", "Zwei", "Drei"])
    assert set(numbers.values_list("number", flat=True)) == {None, "4711"}


def test_who_joined_long_ago_comes_without_clock(send):
    send(joined_on=(clock.today() - timedelta(days=800)).isoformat())
    assert Onboarding.objects.filter(person=papier()).exists() is False
    assert OutgoingMail.objects.count() == 0


def test_sending_the_form_twice_is_one_person(send):
    token = str(uuid.uuid4())
    first, second = send(submit_token=token), send(submit_token=token)
    assert first.url == second.url
    assert OutgoingMail.objects.get().recipient_key == papier().pk


def test_two_taps_at_once_are_one_person(live_world):
    values = {"family_name": "Papier", "joined_on": clock.today().isoformat(), "email": ""}
    one = entry.Entry(values, live_world.gliederung("Gehrden"), "de", "phone", uuid.uuid4())
    staff = live_world.person("staff")
    at_once(*[lambda: entry.enter(one, staff)] * 3)
    assert Person.objects.filter(family_name="Papier").count() == 1


def test_somebody_who_looks_known_is_asked_about_first(send):
    send()
    again = {"given_name": "J.", "email": "JANA@example.org", "phone": "", "plz": ""}
    page = send(**again).content.decode()
    assert "Gibt es diese Person schon?" in page
    assert reverse("members:person", args=[papier().pk]) in page
    send(**again, sure="on")
    assert Person.objects.filter(family_name="Papier").count() == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"family_name": ""}, "Nachname"),
        ({"email": "kaputt"}, "Das ist keine E-Mail-Adresse."),
        ({"phone": "abc"}, "Das ist keine Telefonnummer."),
        ({"phone": "12"}, "Das ist keine Telefonnummer."),
        ({"plz": "abc"}, "Eine Postleitzahl hat fünf Ziffern."),
        ({"family_name": "=1+1"}, "Formel"),
        ({"family_name": "www.böse.de"}, "Adresse statt eines Namens"),
        ({"joined_on": "2999-01-01"}, "Zukunft"),
        ({"joined_on": "gestern"}, "Eintritt am"),
        ({"number": "M-member"}, "gehört schon zu jemandem"),
        ({"number": "=1"}, "Formel"),
        ({"submit_token": "x"}, "Neumitglied eintragen"),
        ({"plz": "1" * 30}, "PLZ"),
        ({"email": "", "phone": "", "plz": ""}, "Wie erreichen wir Jana? Bitte mindestens"),
        ({"email": "", "phone": "", "city": "Gehrden"}, "Wie erreichen wir Jana?"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_stored(send, values, sentence):
    before = Person.objects.count()
    answer = send(**values)
    assert (answer.status_code, Person.objects.count()) == (200, before)
    assert sentence in answer.content.decode()
