"""Nobody becomes the second pair of eyes for what they did themselves (R30)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from members.models import Level
from members.services import invitations, master_data, offices, recovery, tree
from members.services.offices import OfficeRefused
from members.services.tree import TreeRefused
from members.todos.own import access
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from tests.verwaltung.forms import settle
from tests.world import Kind, make_amt, make_person, make_user

PASSWORD = "ein langer Satz über Rüben"


@pytest.fixture
def pending(world):
    return offices.give(
        offices.Grant(
            make_person("Zzkomplize"),
            world.gliederung("Region"),
            Kind.GESCHAEFTSSTELLE,
            clock.today(),
        ),
        world.person("staff"),
    )


@pytest.fixture
def colleague(world):
    person = make_person("Zzkollege")
    make_amt(person, world.gliederung("Region"), Kind.GESCHAEFTSSTELLE)
    return person


def by_invitation(person, staff):
    invitations.send(person, staff)
    invitations.accept(person.invitations.get(), PASSWORD)


def by_code(person, staff):
    make_user(person, second_factor=True)
    settle(person)
    code = recovery.make_code(person, staff, called_back=True)
    recovery.redeem(person.email, code, PASSWORD)


def by_factor(person, staff):
    make_user(person, second_factor=True)


@pytest.mark.parametrize("way", [by_invitation, by_code, by_factor])
def test_whose_way_in_is_new_confirms_nothing_for_seven_days(way, world, colleague, pending):
    way(colleague, world.person("staff"))
    with pytest.raises(OfficeRefused, match="sieben Tage"):
        offices.confirm(pending, colleague)
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=False):
        offices.confirm(pending, colleague)
    pending.refresh_from_db()
    assert pending.is_pending is False


@pytest.mark.parametrize("kind", [Kind.DATENSCHUTZ, Kind.VORSITZ, Kind.GESCHAEFTSSTELLE])
def test_whoever_is_told_of_codes_is_nobody_a_single_person_chose(kind, world):
    grant = offices.Grant(make_person("Zzneu"), world.gliederung("Region"), kind, clock.today())
    assert offices.give(grant, world.person("staff")).is_pending is True


def renamed(node, level):
    node.level = level
    data = {"name": node.name, "level": level, "kommunen": node.kommunen.all()}
    return SimpleNamespace(instance=node, cleaned_data=data, changed_data=["level"])


@pytest.mark.parametrize("name", ["Region", "Bezirk"])
def test_the_district_does_not_become_an_ortsverein_for_a_moment(name, world):
    node = world.gliederung(name)
    trick = Level.objects.create(name="Trick", position=node.level.position, takes_members=True)
    with pytest.raises(TreeRefused, match="bleibt, wie es ist"):
        tree.save_gliederung(renamed(node, trick), world.person("staff"))
    node.save()  # however it got there
    assert offices.needs_second_person(node, Kind.GESCHAEFTSSTELLE) is True


def test_an_ortsverein_with_people_or_offices_keeps_taking_members(world):
    staff = world.person("staff")
    other = Level.objects.create(name="Bereich", position=2)
    with pytest.raises(TreeRefused):
        tree.save_gliederung(renamed(world.gliederung("Gehrden"), other), staff)
    make_amt(make_person("Zzneu"), world.gliederung("Springe"), Kind.VORSITZ)
    with pytest.raises(TreeRefused):
        tree.save_gliederung(renamed(world.gliederung("Springe"), other), staff)
    tree.save_gliederung(renamed(world.gliederung("Linden-Limmer"), other), staff)
    assert world.gliederung("Linden-Limmer").level == other


def edit(person, email, by):
    person.email = email
    form = SimpleNamespace(instance=person, changed_data=["email"], cleaned_data={"email": email})
    master_data.save_person(form, by)


def titles(user):
    return [todo.title for todo in access(user, clock.today())]


def test_a_new_address_of_an_office_is_told_to_the_old_one_and_to_the_others(world, colleague):
    other = make_person("Zzdritte")
    make_amt(other, world.gliederung("Region"), Kind.GESCHAEFTSSTELLE)
    make_user(other, second_factor=True)
    edit(colleague, "neu@example.org", world.person("staff"))
    mails = OutgoingMail.objects.filter(kind="account.address_changed")
    assert list(mails.values_list("address", flat=True)) == ["zzkollege@example.org"]
    wanted = "Neue E-Mail-Adresse von Kim Zzkollege: bitte nachfragen, ob sie stimmt"
    assert titles(other.user) == [wanted]
    assert titles(world.user("staff")) == titles(world.user("ansprechperson")) == []


def test_a_new_address_of_somebody_without_office_is_nobodys_business(world):
    edit(world.person("member"), "neu@example.org", world.person("staff"))
    assert OutgoingMail.objects.filter(kind="account.address_changed").count() == 0
    assert titles(world.user("staff")) == []
