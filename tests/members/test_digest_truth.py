"""Recipient and text of a digest are those valid when it leaves."""

import pytest

from members.models import Amt, Onboarding, Person
from members.services import digests, exits
from members.services import onboarding as service
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox.services import drain, readdress
from tests.members.digest_help import (
    DAY,
    at,
    due_newcomer,
    mails,
    named,
    run_on,
    text_to,
    weekday,
)

SENT, DROPPED = OutgoingMail.State.SENT, OutgoingMail.State.DROPPED


@pytest.fixture
def monday(world):
    """A Monday with no holiday near, on which the cast's newcomers are due for nobody."""
    return weekday(0, clock.today() + 20 * DAY)


@pytest.fixture
def contact(world):
    """The Ansprechperson, who has nobody yet."""
    person = world.person("ansprechperson")
    service.close([world.person(role) for role in ("newcomer", "other_newcomer")])
    return person


def other_template(due, world):
    due.onboarding.template.steps.filter(position=1).update(title="Anderes", due_after_months=9)


def other_ortsverein(due, world):
    person = due.onboarding.person
    person.gliederung = world.gliederung("Uetze")
    person.save()
    service.reassign([person])


def other_contact(due, world):
    world.person("ansprechperson").aemter.update(ende=clock.today() - DAY)
    service.reassign([due.onboarding.person])


def other_channel(due, world):
    Person.objects.filter(pk=due.onboarding.person_id).update(preferred_channel="email")


def other_email(due, world):
    person = world.person("ansprechperson")
    person.email = "neu@example.org"
    person.save()
    readdress(person.pk, person.email)


SAME = "zzansprechperson@example.org"


@pytest.mark.parametrize(
    ("change", "address", "says", "next_reader"),
    [
        # Promises are copies of the template: what was promised stays promised.
        (other_template, SAME, "Kim: Erstes Gespräch, heute.", None),
        (other_ortsverein, None, "", "foreign_ansprechperson"),
        (other_contact, None, "", "deputy"),
        (other_channel, SAME, "Kim schreibt lieber E-Mails.", None),
        (other_email, "neu@example.org", "Kim: Erstes Gespräch, heute.", None),
    ],
    ids=["template", "Ortsverein", "Ansprechperson", "channel", "e-mail"],
)
def test_recipient_and_text_are_those_valid_at_sending(
    monday, contact, world, sink, change, address, says, next_reader
):
    service.close([world.person("foreign_newcomer")])
    due = due_newcomer(world, monday)
    with at(monday):
        digests.run()
        change(due, world)
        drain()

    # The office has a list of its own, about offices to look at.
    office = [world.person(role).pk for role in ("staff", "staff_without_mfa")]
    sent = OutgoingMail.objects.filter(kind=digests.DIGEST, state=SENT)
    addresses = sent.exclude(recipient_key__in=office).values_list("address", flat=True)
    assert list(addresses) == ([address] if address else [])
    assert text_to(contact).count(says) == (1 if address else 0) or not says
    run_on(monday + DAY)
    if next_reader:  # and nobody is forgotten
        assert text_to(world.person(next_reader)).count("Kim") >= 1


def dies(due, world):
    exits.record_exit(due.onboarding.person, clock.today(), "death", world.person("staff"))


def leaves(due, world):
    exits.record_exit(due.onboarding.person, clock.today(), "wish", world.person("staff"))


def objects(due, world):
    Person.objects.filter(pk=due.onboarding.person_id).update(no_contact_since=clock.today())


def is_called(due, world):
    service.tick(due, clock.today())


@pytest.mark.parametrize("happens", [dies, leaves, objects, is_called])
def test_nothing_is_sent_about_what_is_settled_meanwhile(monday, contact, world, sink, happens):
    due = due_newcomer(world, monday)
    with at(monday):
        digests.run()
        happens(due, world)
        drain()

    assert [(mail.state, mail.reason) for mail in mails(contact)] == [
        (DROPPED, "nichts mehr offen")
    ]


def test_what_was_not_said_after_all_is_said_when_it_is_true_again(monday, contact, world, sink):
    due = due_newcomer(world, monday + 3 * DAY)
    # Otherwise the Ansprechperson would still be asked whether it fits (R31).
    Onboarding.objects.update(responsible_since=monday)
    due.onboarding.refresh_from_db()
    with at(monday):
        digests.run()
        due.onboarding.follow_up_on = monday + DAY
        due.onboarding.save()
        drain()
    assert mails(contact)[0].state == DROPPED

    run_on(monday + DAY)

    assert [mail.state for mail in mails(contact)] == [DROPPED, SENT]
    assert named(due) == {"Ansprechperson": 1}


def test_who_lost_the_office_or_the_address_gets_nothing(monday, contact, world, sink):
    due_newcomer(world, monday)
    with at(monday):
        digests.run()
        Amt.objects.filter(person=contact).update(ended_at=clock.now())
        drain()

    assert [mail.state for mail in mails(contact)] == [DROPPED]


def test_an_address_taken_away_drops_the_digest_instead_of_printing_it(
    monday, contact, world, sink
):
    due_newcomer(world, monday)
    with at(monday):
        digests.run()
        Person.objects.filter(pk=contact.pk).update(email="")
        readdress(contact.pk, "")
        drain()

    assert [(mail.state, mail.channel) for mail in mails(contact)] == [(DROPPED, "mail")]
