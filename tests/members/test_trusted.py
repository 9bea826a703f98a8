"""Vertrauenspersonen: who listens is named by first name and number, to members only (R13)."""

import pytest
from django.urls import reverse

from members.models import Amt, Person
from members.queries import trusted
from portal.common import clock
from tests.world import make_amt, make_person


@pytest.fixture
def listens(world):
    person = make_person("Zzlistens", world.gliederung("Region"), given_name="Silke")
    Person.objects.filter(pk=person.pk).update(phone="0511 98765")
    make_amt(person, world.gliederung("Region"), Amt.Kind.VERTRAUENSPERSON)
    return person


@pytest.mark.parametrize("page", ["dashboards:mein_start", "dashboards:help"])
def test_a_newcomer_finds_who_listens_without_the_surname(page, world, listens, client_as):
    body = client_as("newcomer").get(reverse(page)).content.decode()
    assert "Silke" in body
    assert world.district.phone in body
    assert "Zzlistens" not in body
    assert "0511 98765" not in body


def test_the_number_is_the_one_they_chose(world, listens):
    Amt.objects.filter(person=listens).update(shown_phone="own")
    found = trusted.trusted_people(world.district.phone)
    assert [(one.name, one.phone) for one in found] == [("Silke", "0511 98765")]


def test_strangers_are_not_told_who_listens(listens, client):
    assert "Silke" not in client.get(reverse("dashboards:help")).content.decode()


def test_the_office_sees_how_many_are_missing(world, listens, client_as):
    url = reverse("members:coverage")
    assert "Es fehlt noch eine Vertrauensperson." in client_as("staff").get(url).content.decode()
    other = make_person("Zzother", world.gliederung("Region"))
    make_amt(other, world.gliederung("Region"), Amt.Kind.VERTRAUENSPERSON)
    assert "Vertrauensperson" not in client_as("staff").get(url).content.decode()


def test_listening_opens_nobody_s_data_and_ends_with_the_office(world, listens):
    Amt.objects.filter(person=listens).update(ende=clock.today())
    assert len(trusted.trusted_people("")) == 1
    Amt.objects.filter(person=listens).update(ended_at=clock.now())
    assert trusted.trusted_people("") == []
