"""The server's command line: the first district, the first account, every emergency."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from members.management.commands.appoint import Command
from members.management.commands.setup_district import EXAMPLE
from members.models import Amt, District, Gliederung, Invitation, Level, Person, User
from members.services import invitations
from portal.common import clock
from tests.world import Kind, make_amt, make_person


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def appoint(*args: str) -> str:
    return run("appoint", "neu@example.org", "geschaeftsstelle", "Region", *args)


def test_the_first_account_of_an_unknown_person_works_at_once(world):
    said = appoint("--name", "Ada Zzneu", "--verpflichtet", "--geschult")

    person = Person.objects.get(family_name="Zzneu")
    amt = Amt.objects.active().get(person=person)
    assert (amt.kind, amt.is_pending, amt.beginn) == (Kind.GESCHAEFTSSTELLE, False, clock.today())
    token = re.search(r"/einladung/([^/\s]+)/", said)[1]
    user = invitations.accept(invitations.find(token), "ein Satz, den niemand rät")
    assert user.person == person
    assert "öffnet noch nichts" not in said


def test_without_pledge_and_training_it_says_that_nothing_opens_yet(world):
    said = appoint("--name", "Ada Zzneu", "--geschult")
    assert "Das Amt öffnet noch nichts. Es fehlt: --verpflichtet." in said
    assert Amt.objects.active().filter(person__family_name="Zzneu").exists() is False


def test_twice_gives_one_person_one_office_one_invitation(world):
    first, second = appoint("--name", "Ada Zzneu"), appoint("--verpflichtet", "--geschult")
    person = Person.objects.get(email="neu@example.org")
    assert Amt.objects.filter(person=person).count() == 1
    assert Invitation.objects.filter(person=person).count() == 1
    assert re.search(r"/einladung/\S+", first)[0] == re.search(r"/einladung/\S+", second)[0]


def test_the_server_is_the_second_pair_of_eyes(world):
    person = make_person("Zzneu", email="neu@example.org")
    amt = make_amt(person, world.gliederung("Region"), Kind.GESCHAEFTSSTELLE, is_pending=True)
    appoint()
    amt.refresh_from_db()
    assert amt.is_pending is False


def test_somebody_with_a_login_gets_no_invitation(world):
    email = world.person("member").email
    said = run("appoint", email, "vorsitz", "Springe")
    assert ("/einladung/" in said, "Der zweite Faktor fehlt" in said) == (False, True)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("neu@example.org", "vorsitz", "Springe"), "nicht bekannt"),
        (("keine-adresse", "vorsitz", "Springe"), "keine E-Mail-Adresse"),
        (("a@example.org", "vorsitz", "Nirgends"), "Keine offene Gliederung heißt „Nirgends“"),
        (("neu@example.org", "ansprechperson", "Gehrden", "--name", "A Z"), "ist schon"),
        (("neu@example.org", "kaiser", "Gehrden"), "kaiser"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(world, args, sentence):
    before = (Amt.objects.count(), Person.objects.count())
    with pytest.raises(CommandError, match=sentence):
        run("appoint", *args)
    assert (Amt.objects.count(), Person.objects.count()) == before


def test_two_people_with_one_address_are_told_apart_by_name(world):
    for name in ("Zzeins", "Zzzwei"):
        make_person(name, email="neu@example.org")
    with pytest.raises(CommandError, match="Mehrere Personen"):
        appoint()
    appoint("--name", "kim zzzwei")
    assert Amt.objects.filter(person__family_name="Zzzwei").count() == 1


# --- setup_district ----------------------------------------------------------------------------


@pytest.fixture
def bare(world):
    """The database as it is after the very first migration."""
    from members.models import Mentor, Onboarding

    for model in (Onboarding, Mentor, User, Amt, Person, District):
        model.objects.all().delete()
    for node in Gliederung.objects.order_by("-path"):
        node.delete()
    Level.objects.all().delete()


def test_a_fresh_installation_gets_its_district_from_one_file_and_may_ask_twice(bare, tmp_path):
    file = tmp_path / "district.toml"
    file.write_text(run("setup_district"), encoding="utf-8")
    for _ in range(2):
        assert "Eingerichtet: Unterbezirk Musterstadt" in run("setup_district", str(file))
    assert sorted(str(node) for node in Gliederung.objects.all()) == [
        "Bezirk Musterland",
        "Ortsverein Mitte",
        "Ortsverein Nord",
        "Unterbezirk Musterstadt",
    ]
    assert District.current().party == "Partei"
    said = run("appoint", "a@example.org", "geschaeftsstelle", "Musterstadt", "--name", "A Zzneu")
    assert "/einladung/" in said


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('party = "Partei"', "", "fehlt: party"),
        ('party = "Partei"', 'partei = "X"\nparty = "Partei"', "unbekannt: partei"),
        ('email = "post@example.org"', 'email = "x"', "email"),
        ('level = "Unterbezirk"', 'level = "Kreis"', "braucht eine Ebene"),
        ("[[path]]", "[[weg]]", "der Weg bis zum Parteigebiet"),
        ("[district]", "[district", "line"),
        ('Ortsverein = ["Mitte", "Nord"]', "Ortsverein = 3", "Liste von Namen"),
    ],
)
def test_a_file_with_a_mistake_is_refused_as_a_whole(bare, tmp_path, old, new, sentence):
    file = tmp_path / "district.toml"
    file.write_text(EXAMPLE.replace(old, new), encoding="utf-8")
    with pytest.raises(CommandError, match=sentence):
        run("setup_district", str(file))
    assert (District.objects.count(), Gliederung.objects.count()) == (0, 0)


def test_a_second_district_is_refused(world, tmp_path):
    file = tmp_path / "district.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    with pytest.raises(CommandError, match="schon ein anderes"):
        run("setup_district", str(file))


def test_the_help_names_every_office_that_can_be_given():
    said = Command().create_parser("manage.py", "appoint").format_help()
    assert [kind for kind in Amt.Kind.values if kind not in said] == []
