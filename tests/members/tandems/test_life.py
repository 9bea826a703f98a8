"""From the proposal without a name to the closing talk (E2-E5, R14, T24)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from members.models import (
    Amt,
    MatchProposal,
    Mentor,
    Onboarding,
    Person,
    Tandem,
    TandemFeedback,
)
from members.queries import tandems as queries
from members.services import mentoring, tandem_days, tandem_mail, tandem_pairs, tandems
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox.services import drain
from portal.common.todos import todos_for
from tests.members.digest_help import at, open_day
from tests.members.tandem_people import MONDAY, agree, mails, tandem
from tests.world import canary, make_mentor, make_newcomer

State, Outcome = Tandem.State, Tandem.Outcome
DAY = timedelta(days=1)


def test_two_yeses_make_a_tandem_and_only_then_names_are_told(world, pair, sink):
    onboarding, mentor = pair
    newcomer = onboarding.person
    Person.objects.filter(pk=newcomer.pk).update(mobile="0151 5550001")
    asked = tandems.accept(onboarding, mentor.pk, newcomer)
    assert asked.state == State.ASKED
    assert not MatchProposal.objects.exists()
    drain()
    (question,) = mails(tandem_mail.ASKED)
    assert (question.recipient_key, question.state) == (mentor.person_id, "sent")
    assert "Beide gehören zur selben Gliederung." in question.body
    assert newcomer.first_name not in question.body

    begun = tandems.answer(asked.pk, mentor.person, yes=True, by=mentor.person)
    assert (begun.state, begun.started_on) == (State.ACTIVE, MONDAY)
    assert (begun.planned_end - MONDAY).days in range(180, 186)
    drain()
    told = {mail.recipient_key: mail.body for mail in mails(tandem_mail.BEGINS)}
    assert set(told) == {newcomer.pk, mentor.person_id}
    text = "".join(path.read_text() for path in sink.glob("*.eml"))
    assert "Newcomer" in text
    assert canary("newcomer") not in "".join(told.values())


def test_nobody_is_named_on_any_page_before_both_have_said_yes(world, pair, client_as):
    onboarding, mentor = pair
    Person.objects.filter(pk=onboarding.person_id).update(given_name="Qnewq", mobile="0151 77")
    Person.objects.filter(pk=mentor.person_id).update(given_name="Qmentorq", mobile="0151 88")
    pages = ("/start/", "/meine-tandems/", "/mentoring/", "/mentoring/tandems/")

    def shown(persona, names):
        bodies = (client_as(persona).get(page).content.decode() for page in pages)
        return [name for body in bodies for name in names if name in body]

    others = {"newcomer": ("Qmentorq", "0151 88"), "mentor": ("Qnewq", "0151 77")}
    both = ("Qmentorq", "Qnewq", "0151 77", "0151 88")
    for persona, names in (*others.items(), ("coordinator", both)):
        assert shown(persona, names) == []
    tandems.accept(onboarding, mentor.pk, onboarding.person)
    for persona, names in (*others.items(), ("coordinator", both)):
        assert shown(persona, names) == []
    found = Tandem.objects.get()
    for persona in ("newcomer", "mentor"):
        assert client_as(persona).get(f"/tandem/{found.pk}/").status_code == 404
    tandems.answer(found.pk, mentor.person, yes=True, by=mentor.person)
    assert "Qmentorq" in client_as("newcomer").get(f"/tandem/{found.pk}/").content.decode()
    assert "Qnewq" in client_as("mentor").get(f"/tandem/{found.pk}/").content.decode()


def test_a_no_is_forgotten_after_thirty_days_and_not_asked_again_before(world, pair):
    onboarding, mentor = pair
    assert tandems.decline(onboarding, mentor.pk, onboarding.person)
    assert not tandems.decline(onboarding, mentor.pk, onboarding.person)
    assert Tandem.objects.get().outcome == Outcome.NO
    assert mails(tandem_mail.ASKED) == []
    assert (onboarding.person_id, mentor.person_id) in set(tandem_pairs.parted())
    run = mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    assert not run.proposals.filter(onboarding=onboarding, mentor=mentor).exists()


def test_yes_twice_is_one_tandem_and_one_question(world, pair):
    onboarding, mentor = pair
    first = tandems.accept(onboarding, mentor.pk, onboarding.person)
    assert tandems.accept(onboarding, mentor.pk, onboarding.person).pk == first.pk
    assert len(mails(tandem_mail.ASKED)) == 1


def fill(world, pair):
    Mentor.objects.filter(pk=pair[1].pk).update(capacity=1)
    tandem(world, newcomer="other_newcomer")


def rests(world, pair):
    Mentor.objects.filter(pk=pair[1].pk).update(paused_on=clock.today())


def has_stopped(world, pair):
    Mentor.objects.filter(pk=pair[1].pk).update(active_to=clock.today() - DAY)


@pytest.mark.parametrize("meanwhile", [fill, rests, has_stopped])
def test_who_is_full_or_away_meanwhile_is_not_asked(world, pair, meanwhile):
    onboarding, mentor = pair
    meanwhile(world, pair)
    before = Tandem.objects.count()
    with pytest.raises(DomainError, match="gilt nicht mehr"):
        tandems.accept(onboarding, mentor.pk, onboarding.person)
    assert Tandem.objects.count() == before
    assert mails(tandem_mail.ASKED) == []


def test_seven_days_after_the_question_has_left_no_answer_is_an_answer(world, pair, sink):
    onboarding, mentor = pair
    asked = tandems.accept(onboarding, mentor.pk, onboarding.person)
    with at(MONDAY + 10 * DAY, 9):  # it has not left yet: nobody is late
        tandem_days.lapse()
        assert Tandem.objects.get().state == State.ASKED
    drain()
    with at(MONDAY + 7 * DAY, 9):
        tandem_days.lapse()
        assert Tandem.objects.get().state == State.ASKED
    with at(MONDAY + 8 * DAY, 9):
        tandem_days.lapse()
        tandem_days.lapse()
        asked.refresh_from_db()
        assert (asked.state, asked.outcome) == (State.ENDED, Outcome.LAPSED)
        assert [mail.recipient_key for mail in mails(tandem_mail.OVER)] == [onboarding.person_id]


def test_a_question_that_never_leaves_ends_after_three_weeks(world, pair):
    onboarding, mentor = pair
    tandems.accept(onboarding, mentor.pk, onboarding.person)
    with at(MONDAY + 22 * DAY, 9):
        tandem_days.lapse()
    assert Tandem.objects.get().outcome == Outcome.LAPSED


def test_a_mentor_who_says_no_is_thanked_and_the_newcomer_is_proposed_again(world, pair):
    onboarding, mentor = pair
    other = make_mentor("Ersatz", world.gliederung("Gehrden"))
    asked = tandems.accept(onboarding, mentor.pk, onboarding.person)
    tandems.answer(asked.pk, mentor.person, yes=False, by=mentor.person)
    assert [mail.recipient_key for mail in mails(tandem_mail.OVER)] == [onboarding.person_id]
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    assert MatchProposal.objects.get(onboarding=onboarding).mentor == other
    with pytest.raises(DomainError):
        tandems.answer(asked.pk, mentor.person, yes=True, by=mentor.person)


def test_silence_asks_both_once_and_then_the_coordinator(world):
    found = tandem(world, days=44)
    tandem_days.ask_about_silence()
    assert mails(tandem_mail.SILENT) == []
    with at(MONDAY + DAY, 9):
        tandem_days.ask_about_silence()
        tandem_days.ask_about_silence()
        asked = {mail.recipient_key for mail in mails(tandem_mail.SILENT)}
        assert asked == {found.newcomer_id, found.mentor_id}
        assert len(mails(tandem_mail.SILENT)) == 2
    keys = {todo.key for todo in todos_for(world.user("coordinator"))}
    assert "tandems" in keys, "two weeks without a first meeting"
    tandems.note_meeting(found.pk, MONDAY, "call", found.mentor)
    assert "tandems" not in {todo.key for todo in todos_for(world.user("coordinator"))}
    with at(MONDAY + 60 * DAY, 9):
        assert "tandems" in {todo.key for todo in todos_for(world.user("coordinator"))}
        assert "tandems" not in {todo.key for todo in todos_for(world.user("staff"))}
        Amt.objects.filter(kind=Amt.Kind.MENTORING).delete()
        assert "tandems" in {todo.key for todo in todos_for(world.user("staff"))}
        tandems.coordinator_called(found.pk, world.person("staff"))
        assert "tandems" not in {todo.key for todo in todos_for(world.user("staff"))}


def test_either_side_leaves_without_a_reason(world, pair):
    begun = agree(pair)
    tandems.leave(begun.pk, begun.newcomer, begun.newcomer)
    begun.refresh_from_db()
    assert (begun.state, begun.outcome) == (State.ENDED, Outcome.CHANGED)
    assert [mail.recipient_key for mail in mails(tandem_mail.OVER)] == [begun.mentor_id]
    run = mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    assert not run.proposals.filter(onboarding=pair[0], mentor=pair[1]).exists()


def test_two_weeks_before_the_end_both_are_reminded_and_may_extend(world):
    found = tandem(world, days=150)
    with at(found.planned_end - 15 * DAY, 9):
        tandem_days.ask_for_closing()
        assert mails(tandem_mail.CLOSING) == []
    with at(found.planned_end - 14 * DAY, 9):
        tandem_days.ask_for_closing()
        tandem_days.ask_for_closing()
        assert len(mails(tandem_mail.CLOSING)) == 2
        longer = tandems.extend(found.pk, 6, found.newcomer)
        assert (longer.planned_end - found.planned_end).days in range(180, 186)
    for _ in range(2):
        tandems.extend(found.pk, 6, found.newcomer)
    with pytest.raises(DomainError, match="zwei Jahre"):
        tandems.extend(found.pk, 3, found.newcomer)


def test_after_the_closing_talk_come_five_questions_and_a_certificate(world, client_as):
    found = tandem(world, days=170)
    client = client_as("mentor")
    assert client.get("/meine-tandems/bescheinigung.pdf").status_code == 404
    leave = reverse("members:tandem_leave", args=[found.pk])
    feedback = reverse("members:tandem_feedback", args=[found.pk])
    assert client.post(leave, {"schritt": "abschluss"}).url == feedback
    said = {"useful": "3", "meetings": "5", "missing": "", "again": "ja", "involved": "nein"}
    assert client.post(feedback, said).status_code == 302
    assert client.post(feedback, said | {"useful": "4"}).status_code == 302
    assert TandemFeedback.objects.get().useful == 4
    assert queries.feedback() is None, "about fewer than six nothing is said"
    pdf = client.get("/meine-tandems/bescheinigung.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert "bescheinigung.pdf" not in client.get("/ich/").content.decode(), "on the other page"
    client.post(reverse("members:mentor_stop"))
    Mentor.objects.update(active_to=MONDAY - timedelta(days=1))
    assert "bescheinigung.pdf" in client_as("mentor").get("/ich/").content.decode()
    with pytest.raises(DomainError):
        tandems.complete(found.pk, found.mentor)


def test_sums_are_shown_from_six_answers_on(world):
    found = tandem(world, "ended")
    for number in range(6):
        TandemFeedback.objects.create(
            tandem=found,
            person=make_newcomer(f"Zzn{number}", world.gliederung("Uetze")).person,
            useful=4 if number else 1,
            meetings=4,
            again=bool(number % 2),
            involved=False,
            given_on=MONDAY,
        )
    said = queries.feedback()
    assert (said["people"], said["helped"], said["again"], said["involved"]) == (6, 5, 3, 0)


def test_a_proposal_nobody_answers_gives_its_place_back_and_is_told_again_later(world, sink):
    Onboarding.objects.exclude(person=world.person("newcomer")).delete()

    def night():
        tandem_days.new_day()
        mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
        drain()

    night()
    assert len(mails(tandem_mail.PROPOSAL)) == 1
    for days, outcome, told in (
        (14, None, 1),
        (15, Outcome.LAPSED, 1),
        (60, None, 2),
        (61, None, 2),
    ):
        with at(open_day(MONDAY + days * DAY), 9):
            Tandem.objects.filter(ended_on__lt=clock.today() - 30 * DAY).delete()
            night()
            found = Tandem.objects.first()
            assert (found.outcome if found else None) == outcome, days
            assert len(mails(tandem_mail.PROPOSAL)) == told, days


def test_twice_the_same_tap_says_what_holds(world, pair, client_as):
    client = client_as("newcomer")
    said = {"antwort": "ja", "mentor": str(pair[1].pk)}
    for _ in range(2):
        assert client.post(reverse("members:my_proposal"), said).url == "/start/"
    found = Tandem.objects.get()
    url = reverse("members:tandem_answer", args=[found.pk])
    for _ in range(2):
        assert client_as("mentor").post(url, {"antwort": "ja"}).status_code == 302
    assert Tandem.objects.get().state == State.ACTIVE


def test_nobody_says_yes_to_somebody_they_were_not_shown(world, pair, client_as):
    other = make_mentor("Andere", world.gliederung("Gehrden"))
    said = {"antwort": "ja", "mentor": str(other.pk)}
    client_as("newcomer").post(reverse("members:my_proposal"), said)
    assert not Tandem.objects.exists()
    assert MatchProposal.objects.exists()


def test_after_a_good_end_the_newcomer_finds_the_questions(world, client_as):
    found = tandem(world, "ended")
    body = client_as("newcomer").get("/start/").content.decode()
    assert reverse("members:tandem_feedback", args=[found.pk]) in body
