"""After a block there is nothing; reports reach two people; minors have two mentors (T24)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Amt, Hold, Mentor, Onboarding, PairRule, Person, Tandem, TandemReport
from members.services import answers, tandem_days, tandem_mail, tandem_reports, tandems
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox.services import drain
from tests.conftest import BACKEND
from tests.members.digest_help import at
from tests.members.happenings import talk
from tests.members.tandem_people import MONDAY, agree, mails, propose, tandem
from tests.world import make_amt, make_mentor, make_person, make_user

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
    blocked = client_as("mentor")
    assert {blocked.get(url).status_code for url in every_page(begun)} == {404}
    own = client_as("newcomer")
    assert own.get(reverse("members:tandem", args=[begun.pk])).status_code == 404
    drain()
    sent = {mail.recipient_key for mail in mails(tandem_mail.BEGINS) if mail.state == "sent"}
    assert sent == set(), "what was still on its way does not leave"
    assert mails(tandem_mail.OVER) == []
    assert "esperrt" not in client_as("mentor").get("/meine-tandems/").content.decode()


def second_office(world):
    person = make_person("Zzbuero", world.gliederung("Uetze"))
    make_amt(person, world.district.gliederung, Amt.Kind.GESCHAEFTSSTELLE)
    make_user(person, second_factor=True)
    return person


def test_a_report_reaches_two_of_the_office_and_nobody_else(world, pair, client_as):
    other = second_office(world)
    begun = agree(pair)
    report = tandems.block(begun.pk, begun.newcomer, "Qgeheimq")
    told = {report.first_told_id, report.second_told_id}
    # The third has no second factor, and could not open it.
    assert told == {world.person("staff").pk, other.pk}
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
    report = TandemReport.objects.create(
        tandem=begun, reporter=begun.newcomer, created_at=clock.now()
    )
    staff = world.person("staff")
    assert tandem_reports.readers(report) == [staff]
    other = second_office(world)
    make_amt(other, world.gliederung("Gehrden"), Amt.Kind.VORSITZ)
    assert tandem_reports.readers(report) == [staff]
    Amt.objects.filter(kind=Amt.Kind.MENTORING).update(person=staff)
    assert tandem_reports.readers(report) == []
    Amt.objects.filter(person=other, kind=Amt.Kind.VORSITZ).delete()
    tandem_reports.find_missing_readers()
    tandem_reports.find_missing_readers()
    report.refresh_from_db()
    assert (report.first_told, report.second_told) == (other, None)
    assert [mail.recipient_key for mail in mails(tandem_mail.REPORTED)] == [other.pk]


def test_a_second_report_is_added_to_the_first(world, pair):
    begun = agree(pair)
    tandems.block(begun.pk, begun.newcomer, "eins")
    tandems.block(begun.pk, begun.newcomer, "zwei")
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
    with pytest.raises(DomainError):
        tandems.accept(onboarding, pair[1].pk, onboarding.person)
    found = tandem(world, "asked")
    tandems.answer(found.pk, pair[1].person, yes=True, by=pair[1].person)
    found.refresh_from_db()
    assert (found.state, found.outcome) == (State.ENDED, Outcome.LEFT)


def no_longer_wants(world, found):
    Onboarding.objects.filter(person=found.newcomer).update(wants_mentor=False)


def is_held(world, found):
    Hold.objects.create(person=found.newcomer, reason="x", set_on=MONDAY)


def mentor_is_held(world, found):
    Hold.objects.create(person=found.mentor, reason="x", set_on=MONDAY)


def has_died(world, found):
    found.newcomer.memberships.update(has_ended=True, left_on=MONDAY, left_reason="death")


def wants_a_woman(world, found):
    Person.objects.filter(pk=found.newcomer_id).update(prefers_flinta=True)


def is_kept_apart(world, found):
    PairRule.objects.create(
        newcomer=found.newcomer, mentor=found.mentor, kind="forbidden", made_at=clock.now()
    )


MEANWHILE = [no_longer_wants, is_held, mentor_is_held, has_died, wants_a_woman, is_kept_apart]


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_what_has_become_wrong_meanwhile_never_begins(world, meanwhile):
    found = tandem(world, "asked")
    meanwhile(world, found)
    tandems.answer(found.pk, found.mentor, yes=True, by=found.mentor)
    found.refresh_from_db()
    assert found.state == State.ENDED
    assert mails(tandem_mail.BEGINS) == []


def test_both_mentors_of_a_minor_know_each_other_and_can_act(world, client_as):
    second = make_mentor("Zweite", world.gliederung("Uetze"), accepts_minors=True)
    Person.objects.filter(pk=second.person_id).update(given_name="Qzweiteq")
    user = make_user(second.person, second_factor=False)
    found = tandem(world, second=second.person)
    page = reverse("members:tandem", args=[found.pk])
    assert "Qzweiteq" in client_as("mentor").get(page).content.decode()
    client = Client()
    client.force_login(user, backend=BACKEND)
    body = client.get(page).content.decode()
    assert found.mentor.first_name in body
    assert "nie allein" in body
    assert client.get(reverse("members:tandem_report", args=[found.pk])).status_code == 200
    assert client.get("/meine-tandems/").status_code == 200


def test_a_held_newcomer_is_hidden_from_the_mentor_and_still_sees_the_own_page(world, client_as):
    found = tandem(world)
    Hold.objects.create(person=found.newcomer, reason="x", set_on=MONDAY)
    page = reverse("members:tandem", args=[found.pk])
    assert client_as("mentor").get(page).status_code == 404
    assert (
        found.newcomer.first_name not in client_as("mentor").get("/meine-tandems/").content.decode()
    )
    assert client_as("newcomer").get(page).status_code == 200
    board = client_as("coordinator").get("/mentoring/tandems/").content.decode()
    assert found.newcomer.first_name + " und" not in board


@pytest.mark.parametrize("how", ["leave", "block"])
def test_who_left_or_only_blocked_can_still_say_what_happened(world, pair, client_as, how):
    begun = agree(pair)
    page = reverse("members:tandem_report", args=[begun.pk])
    client = client_as("newcomer")
    if how == "leave":
        client.post(reverse("members:tandem_leave", args=[begun.pk]), {"schritt": "aufhoeren"})
    else:
        client.post(page, {"told": "sperren"})
    assert page in client.get("/start/").content.decode()
    client.post(page, {"told": "melden", "text": "Qgeheimq"})
    assert TandemReport.objects.get().text == "Qgeheimq"
    assert client_as("mentor").get(page).status_code == 404


def test_erasing_the_accused_leaves_the_report(world, pair):
    begun = agree(pair)
    tandems.block(begun.pk, begun.newcomer, "Qgeheimq")
    begun.mentor.delete()
    assert TandemReport.objects.get().text == "Qgeheimq"


def test_nobody_finds_a_report_in_the_list_of_mails(world, pair, client_as):
    begun = agree(pair)
    tandems.block(begun.pk, begun.newcomer, "x")
    assert "Meldung aus dem Mentoring" not in client_as("staff").get("/post/").content.decode()


def test_a_number_is_told_only_after_a_first_talk(world, pair, client_as):
    begun = agree(pair)
    Person.objects.filter(pk=begun.mentor_id).update(mobile="0152 4711", phone="")
    page = reverse("members:tandem", args=[begun.pk])
    assert "0152 4711" not in client_as("newcomer").get(page).content.decode()
    talk(world.onboarding("newcomer"), world.person("ansprechperson"))
    assert "0152 4711" in client_as("newcomer").get(page).content.decode()


@pytest.mark.parametrize("by", ["mentor", "coordinator"])
def test_whoever_was_blocked_can_still_report(world, pair, client_as, by):
    begun = agree(pair)
    tandems.block(begun.pk, world.person(by))
    page = reverse("members:tandem_report", args=[begun.pk])
    client = client_as("newcomer")
    assert page in client.get("/start/").content.decode()
    client.post(page, {"told": "melden", "text": "x"})
    assert TandemReport.objects.get().reporter == begun.newcomer
