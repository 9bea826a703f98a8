"""„Erreicht / nicht erreicht / nächste Woche“ from the digest, without a login (R8)."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from members import digest_links
from members.models import Amt, Contact, Milestone, Person
from members.services import onboarding as service
from portal.common import clock, links
from tests.world import PERSONAS, canary

GONE = "Hier ist nichts mehr offen."
CODES = (digest_links.REACHED, digest_links.NOT_REACHED, digest_links.NEXT_WEEK)


@pytest.fixture
def link(world):
    """Return the address of one answer in today's digest of the Ansprechperson."""

    def of(code, role="ansprechperson", day=None):
        subject = digest_links.subject(
            world.person(role).pk, world.onboarding("newcomer").pk, day or clock.today()
        )
        return links.signed_url(code, subject)

    return of


def text(response):
    return response.content.decode()


def test_reached_keeps_the_promise(world, link, client):
    url = link(digest_links.REACHED)
    assert text(client.get(url)).count("Hast du Newcomer erreicht?") == 1
    assert Contact.objects.count() == 0  # a mail scanner changes nothing

    answer = client.post(url)

    assert text(answer).count("Schön! Das Gespräch mit Newcomer ist eingetragen.") == 1
    contact = Contact.objects.get()
    assert (contact.kind, contact.result) == ("call", "reached")
    assert contact.made_by == world.person("ansprechperson")
    first = world.onboarding("newcomer").milestones.get(position=1)
    assert (first.state, first.closed_by) == (Milestone.State.DONE, contact)


def test_reached_counts_in_the_channel_the_newcomer_chose(world, link, client):
    Person.objects.filter(pk=world.person("newcomer").pk).update(preferred_channel="messenger")

    client.post(link(digest_links.REACHED))

    assert Contact.objects.get().kind == "messenger"
    assert world.onboarding("newcomer").milestones.get(position=1).state == "done"


def test_not_reached_is_an_attempt_and_closes_nothing(world, link, client):
    client.post(link(digest_links.NOT_REACHED))

    assert Contact.objects.get().result == "not_reached"
    assert world.onboarding("newcomer").milestones.get(position=1).state == "open"


def test_next_week_is_counted_from_the_mail(world, link, client):
    client.post(link(digest_links.NEXT_WEEK, day=clock.today() - timedelta(days=2)))

    assert world.onboarding("newcomer").follow_up_on == clock.today() + timedelta(days=5)


@pytest.mark.parametrize("code", CODES)
def test_a_second_tap_does_nothing(link, client, code):
    client.post(link(code))
    before = Contact.objects.count()

    for answer in (client.get(link(code)), client.post(link(code))):
        assert text(answer).count(GONE) == 1
    assert Contact.objects.count() == before


@pytest.mark.parametrize("code", CODES)
def test_the_page_shows_a_first_name_and_nothing_else_about_anybody(world, link, client, code):
    for page in (text(client.get(link(code))), text(client.post(link(code)))):
        assert [role for role in PERSONAS if canary(role) in page] == []
        assert world.person("newcomer").email not in page


def ends_office(world):
    Amt.objects.filter(person=world.person("ansprechperson")).update(ended_at=clock.now())


def moves_away(world):
    person = world.person("newcomer")
    person.gliederung = world.gliederung("Uetze")
    person.save()


def leaves(world):
    service.close([world.person("newcomer")])


def objects(world):
    Person.objects.filter(pk=world.person("newcomer").pk).update(no_contact_since=clock.today())


@pytest.mark.parametrize("happens", [ends_office, moves_away, leaves, objects])
@pytest.mark.parametrize("code", CODES)
def test_who_may_not_act_any_more_changes_nothing(world, link, client, code, happens):
    url = link(code)
    happens(world)

    for answer in (client.get(url), client.post(url)):
        assert text(answer).count(GONE) == 1
    assert Contact.objects.count() == 0
    assert world.onboarding("newcomer").follow_up_on is None


@pytest.mark.parametrize("role", ["ex_officer", "foreign_ansprechperson", "member", "coordinator"])
def test_a_link_gives_nobody_a_right_they_do_not_have(link, client, role):
    assert text(client.post(link(digest_links.REACHED, role))).count(GONE) == 1
    assert Contact.objects.count() == 0


def test_a_link_lives_fourteen_days(link, client):
    with time_machine.travel(time.time() - 13.9 * 86400, tick=False):
        young = link(digest_links.REACHED)
    with time_machine.travel(time.time() - 14.1 * 86400, tick=False):
        old = link(digest_links.NOT_REACHED)

    assert client.get(young).status_code == 200
    assert client.get(old).status_code == 404


def test_a_link_cannot_be_bent_to_somebody_else(link, client):
    url = link(digest_links.REACHED)

    assert client.post(url[:-5] + "abcd/").status_code == 404
    assert Contact.objects.count() == 0


def test_the_post_needs_the_pages_own_token(link):
    assert Client(enforce_csrf_checks=True).post(link(digest_links.REACHED)).status_code == 403
