"""After a block there is nothing; reports reach two people; minors have two mentors (T24)."""

from datetime import timedelta

from django.urls import reverse

from members.models import (
    Amt,
    Mentor,
    Onboarding,
    Person,
    Tandem,
    TandemReport,
)
from members.services import answers, tandem_days, tandem_mail, tandems
from portal.common.outbox.services import drain
from tests.members.digest_help import at
from tests.members.tandem_people import MONDAY, agree, mails, propose
from tests.world import canary, make_amt, make_mentor

State, Outcome = Tandem.State, Tandem.Outcome
DAY = timedelta(days=1)


def every_page(found):
    names = ("tandem", "tandem_leave", "tandem_report", "tandem_feedback")
    return [reverse(f"members:{name}", args=[found.pk]) for name in names]


def test_after_a_block_there_is_nothing_for_either_side_and_no_trace(world, pair, client_as, sink):
    begun = agree(pair)
    page = reverse("members:tandem_report", args=[begun.pk])
    said = {"told": "sperren", "text": ""}
    assert client_as("newcomer").post(page, said).url == "/start/"
    begun.refresh_from_db()
    assert begun.outcome == Outcome.BLOCKED
    assert not TandemReport.objects.exists()
    for persona in ("newcomer", "mentor"):
        client = client_as(persona)
        assert {client.get(url).status_code for url in every_page(begun)} == {404}
    drain()
    sent = {mail.recipient_key for mail in mails(tandem_mail.BEGINS) if mail.state == "sent"}
    assert sent == set(), "what was still on its way does not leave"
    assert mails(tandem_mail.OVER) == []
    assert "esperrt" not in client_as("mentor").get("/meine-tandems/").content.decode()


def second_office(world):
    person = Person.objects.get(family_name=canary("member"))
    make_amt(person, world.district.gliederung, Amt.Kind.GESCHAEFTSSTELLE)
    return person


def test_a_report_reaches_two_of_the_office_and_nobody_else(world, pair, client_as):
    other = second_office(world)
    begun = agree(pair)
    report = tandems.block(begun.pk, begun.newcomer, "Qgeheimq")
    told = {report.first_told_id, report.second_told_id}
    office = {world.person(name).pk for name in ("staff", "staff_without_mfa")} | {other.pk}
    assert told < office
    assert len(told) == 2
    assert {mail.recipient_key for mail in mails(tandem_mail.REPORTED)} == told
    report.first_told, report.second_told = world.person("staff"), None
    report.save()
    url = reverse("members:tandem_reports")
    assert "Qgeheimq" in client_as("staff").get(url).content.decode()
    for persona in ("mentor", "ansprechperson", "vorsitz", "coordinator", "privacy"):
        assert client_as(persona).get(url).status_code == 403
    report.first_told = other
    report.save()
    assert "Qgeheimq" not in client_as("staff").get(url).content.decode()
    assert not TandemReport.objects.told_to(world.user("staff")).exists()


def test_nobody_of_the_own_ortsverein_and_nobody_involved_is_told(world, pair):
    begun = agree(pair)
    staff = world.person("staff")
    make_amt(staff, world.gliederung("Gehrden"), Amt.Kind.VORSITZ)
    Amt.objects.filter(
        person=world.person("staff_without_mfa"), kind=Amt.Kind.GESCHAEFTSSTELLE
    ).update(person=begun.mentor)
    assert tandems.two_of_the_office(begun, begun.newcomer) == []


def test_a_second_report_is_added_to_the_first(world, pair):
    begun = agree(pair)
    tandems.block(begun.pk, begun.newcomer, "eins")
    tandems.block(begun.pk, begun.newcomer, "zwei")
    assert TandemReport.objects.get().text == "eins\nzwei"


def test_a_minor_needs_two_mentors_and_the_parents(world):
    newcomer = world.person("newcomer")
    Person.objects.filter(pk=newcomer.pk).update(adult_on=MONDAY + 300 * DAY)
    second = make_mentor("Zweite", world.gliederung("Gehrden"), accepts_minors=True)
    Mentor.objects.update(accepts_minors=True)
    proposal = propose(world, second=second)
    onboarding = Onboarding.objects.select_related("person").get(person=newcomer)
    asked = tandems.accept(onboarding, proposal.mentor_id, newcomer)
    assert {mail.recipient_key for mail in mails(tandem_mail.ASKED)} == {
        second.person_id,
        proposal.mentor.person_id,
    }
    for mentor in (proposal.mentor.person, second.person):
        assert tandems.answer(asked.pk, mentor, yes=True, by=mentor).state == State.ASKED
    with at(MONDAY + 30 * DAY, 9):
        tandem_days.lapse()  # nobody is late: the parents are asked
    asked.refresh_from_db()
    assert asked.state == State.ASKED
    answers.enter(newcomer, {"guardian": "ja"}, world.person("ansprechperson"))
    asked.refresh_from_db()
    assert asked.state == State.ACTIVE


def test_alone_with_one_mentor_a_minor_never_begins(world, pair):
    Person.objects.filter(pk=pair[0].person_id).update(adult_on=MONDAY + 300 * DAY)
    Onboarding.objects.filter(pk=pair[0].pk).update(guardian_consent_on=MONDAY)
    onboarding = world.onboarding("newcomer")
    asked = tandems.accept(onboarding, pair[1].pk, onboarding.person)
    answered = tandems.answer(asked.pk, pair[1].person, yes=True, by=pair[1].person)
    assert answered.state == State.ASKED
