"""Whole people go with everything about them, and nobody else notices."""

from datetime import timedelta
from uuid import uuid4

import pytest

from members.models import (
    Amt,
    Contact,
    Hold,
    Interest,
    Onboarding,
    PastMembership,
    Person,
    User,
)
from members.services import erasure
from portal.common import clock, consents, ledger
from portal.common.models import AuditEvent, Consent
from portal.common.outbox.models import OutgoingMail


@pytest.fixture(autouse=True)
def _own_ledger(settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "erased.log")


def test_a_person_goes_with_login_arrival_and_post(world):
    person = world.person("newcomer")
    mail = OutgoingMail.objects.create(
        kind="x",
        recipient_key=person.pk,
        address="weg@example.org",
        dedupe_key="x:1",
        message_id="<1>",
        created_at=clock.now(),
        not_before=clock.now(),
    )
    assert erasure.erase([person.pk], "test") == 1
    assert not Person.objects.filter(pk=person.pk).exists()
    assert not User.objects.filter(person_id=person.pk).exists()
    assert not Onboarding.objects.filter(person_id=person.pk).exists()
    assert not OutgoingMail.objects.filter(pk=mail.pk).exists()


def test_erasing_twice_and_erasing_nobody_is_nothing(world):
    person = world.person("newcomer")
    assert [erasure.erase([person.pk, uuid4()], "test") for _ in range(2)] == [1, 0]
    assert [entry.subject for entry in ledger.read()] == [person.pk]


def test_what_reports_need_stays_without_the_person(world):
    person = world.person("newcomer")
    membership = person.memberships.get()
    membership.joined_on, membership.left_on = clock.today() - timedelta(40), clock.today()
    membership.has_ended, membership.left_reason = True, "moved"
    membership.save()
    started = person.onboardings.get()
    started.started_on = membership.joined_on
    started.save()
    first = started.milestones.filter(kind="contact").order_by("position").first()
    first.state, first.done_on = "done", membership.joined_on + timedelta(days=9)
    first.save()
    erasure.erase([person.pk], "test")
    past = PastMembership.objects.get()
    assert past.gliederung == world.gliederung("Gehrden")
    assert past.joined_in == membership.joined_on.replace(day=1)
    assert (past.left_in, past.left_reason) == (clock.today().replace(day=1), "moved")
    assert (past.days_to_first_talk, past.days_to_second_talk, past.days_to_parteibuch) == (
        9,
        None,
        None,
    )


def test_newcomers_of_an_erased_ansprechperson_have_somebody_at_once(world):
    gone = world.person("ansprechperson")
    before = world.onboarding("newcomer")
    assert before.responsible_id == gone.pk
    erasure.erase([gone.pk], "test")
    after = world.onboarding("newcomer")
    assert after.responsible_id == world.person("deputy").pk
    assert not Amt.objects.filter(person_id=gone.pk).exists()
    assert AuditEvent.objects.filter(code="amt.ended").count() == 1


def test_interested_people_of_an_erased_ansprechperson_have_somebody_at_once(world):
    gone = world.person("ansprechperson")
    waiting = Person.objects.create(family_name="Wartet", gliederung=world.gliederung("Gehrden"))
    form = Interest.objects.create(
        state="confirmed",
        person=waiting,
        responsible=gone,
        given_name="A",
        family_name="B",
        email="a@example.org",
        plz="30989",
        created_at=clock.now(),
        confirmed_at=clock.now(),
        link_until=clock.now(),
    )
    erasure.erase([gone.pk], "test")
    form.refresh_from_db()
    assert form.responsible_id == world.person("deputy").pk


def test_what_somebody_wrote_down_stays_without_their_name(world):
    gone = world.person("ansprechperson")
    contact = Contact.objects.create(
        onboarding=world.onboarding("newcomer"),
        made_by=gone,
        made_on=clock.today(),
        result="reached",
        created_at=clock.now(),
        submit_token=uuid4(),
    )
    erasure.erase([gone.pk], "test")
    contact.refresh_from_db()
    assert contact.made_by is None


def test_the_proof_of_a_consent_stays_and_nothing_holds_any_more(world):
    person = world.person("newcomer")
    consents.give(person.pk, "interest", "de", Consent.Channel.ONLINE, person.pk)
    erasure.erase([person.pk], "test")
    assert Consent.objects.get(subject=person.pk).withdrawn_at is not None


def test_texts_that_others_were_sent_lose_their_words_when_they_name_somebody(world):
    person, reader = world.person("newcomer"), world.person("ansprechperson")
    texts = {
        "by name": f"Bitte ruf {person.full_name} an",
        "somebody else": f"Bitte ruf {world.person('other_newcomer').full_name} an",
    }
    for number, (key, body) in enumerate(texts.items()):
        OutgoingMail.objects.create(
            kind="x",
            recipient_key=reader.pk,
            address="r@example.org",
            dedupe_key=key,
            message_id=f"<{number}>",
            created_at=clock.now(),
            not_before=clock.now(),
            state="sent",
            sent_at=clock.now(),
            body=body,
        )
    erasure.erase([person.pk], "test")
    kept = dict(OutgoingMail.objects.values_list("dedupe_key", "body"))
    assert (kept["by name"], kept["somebody else"]) == ("", texts["somebody else"])


def test_held_people_are_never_erased(world):
    person = world.person("newcomer")
    hold = Hold.objects.create(person=person, reason="Streit", set_on=clock.today())
    assert erasure.erase([person.pk], "test") == 0
    assert list(ledger.read()) == []
    hold.lifted_at = clock.now()
    hold.save()
    assert erasure.erase([person.pk], "test") == 1


def test_nothing_is_half_gone_when_the_ledger_cannot_be_written(world, settings):
    person = world.person("newcomer")
    settings.ERASURE_LEDGER = "/proc/nowhere/erased.log"
    with pytest.raises(OSError):
        erasure.erase([person.pk], "test")
    assert Person.objects.filter(pk=person.pk).exists()
