"""What people ask about their data: due in a month, answered once, objections at once."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from members.models import Contact, Membership, Onboarding, Person, PhoneAnswer, RightsRequest
from members.queries.waves import RECONNECT
from members.services import answers, exits, mail_choices, onboarding, rights
from members.services.onboarding import Talk
from members.services.rights import Asked, Reply
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import AuditEvent, MailChoice, OutgoingMail
from portal.common.outbox import kinds, render, stopping
from portal.common.todos import todos_for
from tests.concurrency import at_once
from tests.conftest import BACKEND, pass_second_factor
from tests.world import make_amt, make_newcomer, make_person, make_user

TOKEN = "8b0a4a70-6d2e-4f6e-9f0e-0000000000b1"
Objection, State = RightsRequest.Objection, RightsRequest.State


@pytest.fixture
def person(world):
    return world.person("newcomer")


@pytest.fixture
def by(world):
    return world.person("staff")


def ask(person, kind="correction", text="Der Name hat zwei n.", by=None) -> RightsRequest:
    return rights.ask(person, Asked(kind, text), by or person)[0]


def objected(person, *objections, by=None) -> list[RightsRequest]:
    return rights.ask(person, Asked("objection", "", objections), by or person)


@pytest.mark.parametrize(
    ("asked", "due"),
    [(date(2027, 1, 31), date(2027, 2, 28)), (date(2027, 3, 4), date(2027, 4, 4))],
)
def test_an_answer_is_due_a_month_later(asked, due, person):
    with time_machine.travel(datetime.combine(asked, datetime.min.time(), tzinfo=UTC)):
        assert ask(person).due_on == due


def test_a_second_tap_on_the_same_button_is_the_same_request(person):
    ask(person)
    assert rights.ask(person, Asked("correction", "Der Name hat zwei n."), person) == []
    assert RightsRequest.objects.count() == 1


def test_an_objection_to_nothing_is_refused_in_words(person):
    with pytest.raises(DomainError, match="wogegen"):
        rights.ask(person, Asked("objection"), person)


# --- Objections ------------------------------------------------------------------------------


def state_of(person) -> dict:
    person.refresh_from_db()
    return {
        "mails": set(MailChoice.objects.filter(way="none").values_list("kind", flat=True)),
        "mentor": Onboarding.objects.get(person=person).wants_mentor,
        "contact": person.no_contact_since,
    }


CHANGES = {
    Objection.INVITATIONS: lambda: {
        "mails": {
            kind.code
            for kind in kinds.all_kinds()
            if kind.mail_class is kinds.MailClass.INVITATION and kind.code != RECONNECT
        }
    },
    Objection.WAVES: lambda: {"mails": {RECONNECT}},
    Objection.MENTOR: lambda: {"mentor": False},
    Objection.CONTACT: lambda: {"contact": clock.today()},
}


@pytest.mark.parametrize("objection", Objection.values)
def test_an_objection_stops_it_at_once_and_one_tap_brings_it_back(objection, person):
    before = state_of(person)
    (one,) = objected(person, objection)
    assert state_of(person) == before | CHANGES[objection]()
    assert (one.state, one.holds) == (State.DONE, True)

    rights.withdraw(one, person)

    assert state_of(person) == before
    one.refresh_from_db()
    assert (one.state, one.holds) == (State.WITHDRAWN, False)


def test_taking_it_back_restores_what_was_chosen_before_and_nothing_else(person):
    MailChoice.objects.create(recipient_key=person.pk, kind="members.pulse", way="none")
    MailChoice.objects.create(recipient_key=person.pk, kind="members.win_back", way="letter")
    (one,) = objected(person, Objection.INVITATIONS)
    rights.withdraw(one, person)
    chosen = dict(MailChoice.objects.values_list("kind", "way"))
    assert chosen == {"members.pulse": "none", "members.win_back": "letter"}


def queued(person, kind) -> OutgoingMail:
    now = clock.now()
    return OutgoingMail(
        kind=kind, recipient_key=person.pk, address=person.email, created_at=now, not_before=now
    )


def test_no_invitation_leaves_even_of_a_kind_that_came_later(person):
    objected(person, Objection.INVITATIONS)
    MailChoice.objects.all().delete()  # as if these kinds were new
    assert stopping.refusal(queued(person, "members.pulse")) == "hat widersprochen"
    assert stopping.refusal(queued(person, RECONNECT)) is None
    assert stopping.refusal(queued(person, "members.welcome")) is None


def test_whoever_wants_a_kind_again_has_taken_the_objection_back(person):
    objected(person, Objection.INVITATIONS, Objection.WAVES)
    mail_choices.choose(person, {"members.pulse": "mail"}, person)
    assert set(RightsRequest.objects.standing().values_list("objection", flat=True)) == {"waves"}
    assert stopping.refusal(queued(person, "members.pulse")) is None


def test_whoever_wants_a_mentor_again_has_taken_the_objection_back(person):
    objected(person, Objection.MENTOR)
    answers.answer_alone(person, {"mentor": "ja"}, ("mentor",))
    assert not RightsRequest.objects.standing().exists()


def test_whoever_asks_for_a_call_has_taken_the_objection_back(person, world):
    objected(person, Objection.CONTACT)
    onboarding.allow_contact(person)
    assert not RightsRequest.objects.standing().exists()


def test_nobody_has_to_call_whoever_objected_to_it(world, person):
    user = world.user("ansprechperson")
    before = {todo.person for todo in todos_for(user)}
    objected(person, Objection.CONTACT)
    after = {todo.person for todo in todos_for(world.user("ansprechperson"))}
    assert str(person.pk) in before
    assert before - after == {str(person.pk)}


def test_a_slip_of_the_telephone_does_not_take_an_objection_back(world, person):
    contact = world.person("ansprechperson")
    objected(person, Objection.CONTACT)
    running = world.onboarding("newcomer")
    made = onboarding.log_contact(running, contact, Talk("call", "no_contact", TOKEN))
    onboarding.undo_contact(made, contact)
    person.refresh_from_db()
    assert person.no_contact_since == clock.today()
    assert not Contact.objects.exists()


def test_the_same_objection_is_made_once(person):
    objected(person, Objection.MENTOR)
    with pytest.raises(DomainError):
        objected(person, Objection.MENTOR)
    assert objected(person, Objection.MENTOR, Objection.CONTACT)[0].objection == "contact"


def test_the_database_keeps_one_standing_objection(person):
    (one,) = objected(person, Objection.MENTOR)
    one.pk = None
    one._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        one.save(force_insert=True)


def test_words_beside_a_tick_wait_for_an_answer(person):
    made = rights.ask(
        person, Asked("objection", "Auch keine Anrufe sonntags.", ("mentor",)), person
    )
    assert [one.state for one in made] == [State.DONE, State.OPEN]


# --- Answers ---------------------------------------------------------------------------------


def test_the_answer_is_mailed_and_stands_on_the_own_page(world, person, by, client_as):
    rights.answer(ask(person), Reply("Wir haben es geändert."), by)
    mail = OutgoingMail.objects.get(kind=rights.ANSWERED)
    assert (mail.recipient_key, mail.channel) == (person.pk, "mail")
    page = client_as("newcomer").get(reverse("members:my_data")).content.decode()
    assert page.count("Wir haben es geändert.") == 1
    event = AuditEvent.objects.get(code="rights.answered")
    assert (event.actor, event.subject, event.fields) == (by.pk, person.pk, ["correction", "done"])


@pytest.mark.parametrize("language", ["de", "leicht", "en", "tr"])
def test_a_refusal_says_why_in_every_language(language, person, by, world):
    Person.objects.filter(pk=person.pk).update(language=language)
    one = rights.answer(ask(person), Reply("Leider nein.", "correct"), by)
    kind = kinds.get(rights.ANSWERED)
    mail = OutgoingMail.objects.get(kind=rights.ANSWERED)
    text = render.write(mail, kind).text.body
    assert one.state == State.REFUSED
    assert text.count("Leider nein.") == 1
    assert text.count("Die Angaben sind geprüft und stimmen.") == 1
    assert "zwei Wochen" not in text


def test_a_refusal_without_a_reason_is_not_stored(person, client_as):
    one, client = ask(person), client_as("staff")
    url = reverse("members:rights_request", args=[one.pk])
    page = client.post(url, {"outcome": "no", "text": "Nein.", "refusal": ""})
    assert "Bitte wähle, warum es nicht geht" in page.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsRequest.objects.filter(pk=one.pk).update(state="refused", answered_on=clock.today())
    one.refresh_from_db()
    assert one.state == State.OPEN


def test_nobody_answers_their_own_request(by, client_as):
    url = reverse("members:rights_request", args=[ask(by).pk])
    client = client_as("staff")
    assert "lass jemand anderen antworten" in client.get(url).content.decode()
    assert client.post(url, {"outcome": "yes", "text": "Ja."}).status_code == 403


def test_of_two_answers_at_once_one_wins_and_the_other_is_told(live_world):
    one = ask(live_world.person("newcomer"))
    refused = []

    def reply(role: str) -> None:
        try:
            rights.answer(one, Reply(f"Von {role}."), live_world.person(role))
        except rights.AlreadyAnswered as refusal:
            refused.append(str(refusal))

    at_once(lambda: reply("staff"), lambda: reply("staff_without_mfa"))
    one.refresh_from_db()
    assert refused == [
        f"{one.answered_by.full_name} hat diese Anfrage schon beantwortet. "
        "Deine Antwort ist nicht gespeichert."
    ]
    assert OutgoingMail.objects.filter(kind=rights.ANSWERED).count() == 1


def test_what_was_taken_back_meanwhile_is_not_answered(person, by):
    one = ask(person)
    rights.withdraw(one, person)
    with pytest.raises(rights.AlreadyAnswered, match="zurückgenommen"):
        rights.answer(one, Reply("Ja."), by)
    with pytest.raises(DomainError):
        rights.withdraw(one, person)


def test_a_request_is_on_the_list_of_the_office_and_named_again_in_its_last_week(world, person):
    one = ask(person)
    for days, step in ((0, 0), (25, 1), (40, 2)):
        with time_machine.travel(datetime.now(UTC) + timedelta(days=days)):
            found = {todo.key: todo for todo in todos_for(world.user("staff"))}
        assert found[f"rights:{one.pk}"].due_on == one.due_on
        assert found[f"rights:{one.pk}"].step == step
    others = {todo.kind for todo in todos_for(world.user("ansprechperson"))}
    assert "rights" not in others


def test_datenschutz_reads_the_list_and_answers_nothing(world, person, client):
    one, office = ask(person), world.gliederung("Region")
    officer = make_person("Zzdsb", office)
    make_amt(officer, office, "datenschutz")
    user = make_user(officer, second_factor=True)
    client.force_login(user, backend=BACKEND)
    pass_second_factor(client, user)
    assert person.full_name in client.get(reverse("members:rights")).content.decode()
    url = reverse("members:rights_request", args=[one.pk])
    assert client.get(url).status_code == 403


# --- Erasure ---------------------------------------------------------------------------------


def test_a_member_is_not_erased_before_the_exit(person, by):
    one = ask(person, "erasure", "")
    with pytest.raises(DomainError, match="noch Mitglied"):
        rights.answer(one, Reply("Ja."), by)
    one.refresh_from_db()
    assert (one.state, OutgoingMail.objects.filter(kind=rights.ANSWERED).count()) == ("open", 0)


def test_after_the_exit_a_yes_hands_the_person_over_once_the_answer_has_left(person, by):
    exits.record_exit(person, clock.today(), Membership.LeftReason.WISH, by)
    one = rights.answer(ask(person, "erasure", ""), Reply("Ja."), by)
    assert one.state == State.ACCEPTED
    assert list(rights.accepted_for_erasure(clock.today())) == []
    OutgoingMail.objects.filter(kind=rights.ANSWERED).update(state="sent", sent_at=clock.now())
    assert list(rights.accepted_for_erasure(clock.today())) == [person]
    exits.reverse_exit(person, by)
    assert list(rights.accepted_for_erasure(clock.today())) == []


def test_whoever_comes_back_has_taken_the_wish_back_for_good(person, by):
    exits.record_exit(person, clock.today(), Membership.LeftReason.WISH, by)
    one = rights.answer(ask(person, "erasure", ""), Reply("Ja."), by)
    assert rights.drop_overtaken() == 0
    exits.reverse_exit(person, by)
    assert rights.drop_overtaken() == 1
    exits.record_exit(person, clock.today(), Membership.LeftReason.WISH, by)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=16)):
        assert list(rights.accepted_for_erasure(clock.today())) == []
    one.refresh_from_db()
    assert one.state == State.WITHDRAWN


def test_an_answer_nobody_prints_delays_the_erasure_by_two_weeks(person, by):
    exits.record_exit(person, clock.today(), Membership.LeftReason.WISH, by)
    rights.answer(ask(person, "erasure", ""), Reply("Ja."), by)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=16)):
        assert list(rights.accepted_for_erasure(clock.today())) == [person]


# --- By phone (R1) ---------------------------------------------------------------------------


def test_everything_works_for_somebody_without_mail(world, by, client_as):
    quiet = make_newcomer("Zzohnemail", world.gliederung("Gehrden"), email="").person
    client = client_as("ansprechperson")
    url = reverse("members:rights_by_phone", args=[quiet.pk])
    for kind in RightsRequest.Kind.values:
        said = {"kind": kind, "text": "Am Telefon gesagt."}
        said |= {"objections": ["mentor"]} if kind == "objection" else {}
        assert client.post(url, said).status_code == 302
    kinds_made = set(quiet.rights_requests.values_list("kind", "entered_by"))
    contact = world.person("ansprechperson").pk
    assert kinds_made == {(kind, contact) for kind in RightsRequest.Kind.values}
    assert PhoneAnswer.objects.filter(person=quiet, code="rights").exists()
    # The objection is confirmed on paper, for who cannot look it up.
    assert OutgoingMail.objects.get(kind=rights.ANSWERED).channel == "letter"
    one = quiet.rights_requests.standing().get()
    back = reverse("members:rights_by_phone_withdraw", args=[quiet.pk, one.pk])
    assert client.post(back).status_code == 302
    assert not quiet.rights_requests.standing().exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"kind": "correction", "text": ""}, "Bitte schreib auf, worum es geht."),
        ({"kind": "erasure", "objections": ["mentor"]}, "Das geht nur bei einem Widerspruch."),
        ({"kind": "objection", "text": ""}, "wogegen der Widerspruch ist"),
        ({"kind": "unsinn"}, "unsinn"),
    ],
)
def test_a_form_that_makes_no_sense_is_answered_in_words(said, sentence, person, client_as):
    url = reverse("members:rights_by_phone", args=[person.pk])
    page = client_as("ansprechperson").post(url, said)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert RightsRequest.objects.count() == 0


def test_the_own_form_refuses_501_characters(client_as):
    url = reverse("members:my_request", args=["berichtigung"])
    page = client_as("newcomer").post(url, {"text": "x" * 501})
    assert page.status_code == 200
    assert RightsRequest.objects.count() == 0
