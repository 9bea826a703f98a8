"""„Bist du angekommen?“: who is asked when, once, and how an answer is kept and forgotten."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members import deadlines, tasks
from members.models import (
    Contact,
    Membership,
    Onboarding,
    Person,
    PhoneAnswer,
    Pulse,
    PulseTally,
)
from members.queries import pulse as query
from members.services import answers
from members.services import onboarding as onboarding_service
from members.services import pulse as service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import MailChoice, OutgoingMail
from portal.common.outbox import kinds, render
from portal.common.outbox import services as outbox
from portal.common.outbox.forecasts import outlook
from tests.concurrency import at_once
from tests.security.cells_waves import make_member, make_wave
from tests.world import make_newcomer


@pytest.fixture
def gehrden(world):
    Onboarding.objects.all().delete()
    return world.gliederung("Gehrden")


def asked():
    return sorted(
        Pulse.objects.values_list("onboarding__person__family_name", "number"),
    )


def mails():
    return OutgoingMail.objects.filter(kind=query.PULSE)


def make_pulse(onboarding, days_ago=0, **values):
    day = clock.today() - timedelta(days=days_ago)
    return Pulse.objects.create(onboarding=onboarding, number=1, asked_on=day, **values)


def in_time(onboarding):
    """As if the data had come with the day of joining."""
    Onboarding.objects.filter(pk=onboarding.pk).update(arrived_on=onboarding.started_on)
    onboarding.milestones.update(is_late_data=False)


# --- When -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "expected"), [(41, 0), (42, 1), (56, 1), (57, 0)])
def test_the_first_question_comes_after_six_weeks_and_not_two_weeks_later(
    world, gehrden, days, expected
):
    in_time(make_newcomer("Zzneu", gehrden, days=days))
    service.ask_all()
    assert (Pulse.objects.count(), mails().count()) == (expected, expected)


@pytest.mark.parametrize("past", [-1, 0, 14, 15])
def test_the_second_question_comes_after_six_months(world, gehrden, past):
    onboarding = make_newcomer("Zzneu", gehrden)
    today = clock.today()
    start = next(
        day
        for n in range(150, 230)
        if deadlines.add_months(day := today - timedelta(days=n), 6) == today - timedelta(days=past)
    )
    Onboarding.objects.filter(pk=onboarding.pk).update(started_on=start)
    service.ask_all()
    assert asked() == ([("Zzneu", 2)] if 0 <= past <= 14 else [])


def test_late_data_counts_from_the_day_it_came(world, gehrden):
    onboarding = make_newcomer("Zzspaet", gehrden, days=200)
    assert onboarding.milestones.filter(is_late_data=True).exists()
    assert service.ask_all() == 0
    with time_machine.travel(clock.now() + timedelta(days=42)):
        service.ask_all()
        assert asked() == [("Zzspaet", 1)]


def test_a_beat_missed_for_three_days_asks_once(world, gehrden):
    in_time(make_newcomer("Zzneu", gehrden, days=45))
    for _ in range(3):
        tasks.ask_pulse()
    assert (asked(), mails().count()) == ([("Zzneu", 1)], 1)


def test_two_beats_at_once_ask_once(live_world):
    Onboarding.objects.all().delete()
    for number in range(5):
        in_time(make_newcomer(f"Zz{number}", live_world.gliederung("Gehrden"), days=44))
    at_once(service.ask_all, service.ask_all)
    assert (Pulse.objects.count(), mails().count()) == (5, 5)


def test_many_are_asked_in_pieces(world, gehrden, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 2)
    for number in range(5):
        in_time(make_newcomer(f"Zz{number}", gehrden, days=44))
    assert service.ask_all() == 5


# --- Whom -------------------------------------------------------------------------------------


def _left(onboarding):
    Membership.objects.filter(person=onboarding.person).update(
        has_ended=True, left_on=clock.today()
    )


def _died(onboarding):
    Membership.objects.filter(person=onboarding.person).update(
        has_ended=True, left_on=clock.today(), left_reason="death"
    )


def _objects(onboarding):
    Person.objects.filter(pk=onboarding.person_id).update(no_contact_since=clock.today())


def _chose_none(onboarding):
    MailChoice.objects.create(
        recipient_key=onboarding.person_id, kind=query.PULSE, way=MailChoice.Way.NONE
    )


def _closed(onboarding):
    Onboarding.objects.filter(pk=onboarding.pk).update(state="closed")


def _refused(onboarding):
    Contact.objects.create(
        onboarding=onboarding,
        made_on=clock.today(),
        kind="call",
        result="no_contact",
        created_at=clock.now(),
        submit_token=uuid.uuid4(),
    )


NEVER = [_left, _died, _objects, _chose_none, _closed, _refused]


@pytest.mark.parametrize("why", NEVER)
def test_never_asked(world, gehrden, why):
    onboarding = make_newcomer("Zznie", gehrden, days=44)
    in_time(onboarding)
    why(onboarding)
    assert service.ask_all() == 0


@pytest.mark.parametrize("why", NEVER)
def test_asked_again_whether_it_may_go_when_it_leaves(world, gehrden, why):
    onboarding = make_newcomer("Zznie", gehrden, days=44)
    in_time(onboarding)
    service.ask_all()
    why(onboarding)
    assert outbox.refusal(mails().get(), kinds.get(query.PULSE)) is not None


def test_who_has_arrived_is_asked_and_who_came_by_a_wave_is_not(world, gehrden):
    done = make_newcomer("Zzfertig", gehrden, days=44)
    in_time(done)
    Onboarding.objects.filter(pk=done.pk).update(state="finished")
    make_member("Zzlange", gehrden)
    make_wave(world)
    Onboarding.objects.filter(wave__isnull=False).update(
        started_on=clock.today() - timedelta(days=44)
    )
    service.ask_all()
    assert asked() == [("Zzfertig", 1)]


def test_without_an_address_the_ansprechperson_asks_and_no_letter_is_written(
    world, gehrden, client_as
):
    onboarding = make_newcomer("Zzpapier", gehrden, days=44, email="")
    in_time(onboarding)
    service.ask_all()
    assert mails().count() == 0
    sheet = reverse("members:newcomer", args=[onboarding.pk])
    client = client_as("ansprechperson")
    assert "Frag beim nächsten Gespräch" in client.get(sheet).content.decode()
    said = {a.answer.code: a.current for a in answers.asked_of(onboarding.person)}
    phone = reverse("members:by_phone", args=[onboarding.person_id])
    client.post(phone, said | {"pulse": "nein"})
    assert (Pulse.objects.get().answer, Pulse.objects.get().may_be_told) == ("nein", True)
    assert PhoneAnswer.objects.get().code == "pulse"
    assert "Frag beim nächsten Gespräch" not in client.get(sheet).content.decode()


def test_an_address_that_rests_makes_no_letter_of_it(world, gehrden):
    in_time(make_newcomer("Zzneu", gehrden, days=44))
    service.ask_all()
    mails().update(channel="letter")
    assert outbox.refusal(mails().get(), kinds.get(query.PULSE)) == "wird am Telefon gefragt"


def test_who_answered_meanwhile_gets_no_mail(world, gehrden):
    in_time(make_newcomer("Zzneu", gehrden, days=44))
    service.ask_all()
    service.answer(Pulse.objects.get().pk, "ja")
    assert outbox.refusal(mails().get(), kinds.get(query.PULSE)) == "schon beantwortet"


def test_the_mail_has_four_links_in_three_languages(world, gehrden):
    onboarding = make_newcomer("Zzneu", gehrden, days=44)
    in_time(onboarding)
    service.ask_all()
    for language in ("de", "leicht", "en"):
        Person.objects.update(language=language)
        written = render.write(mails().get(), kinds.get(query.PULSE))
        assert written.text.body.count("/angekommen/") == 4
        assert "/angekommen/" not in written.kept


# --- Answering --------------------------------------------------------------------------------


def test_an_answer_can_be_changed_for_fourteen_days(world, gehrden):
    pulse = make_pulse(make_newcomer("Zzneu", gehrden))
    service.answer(pulse.pk, "nein")
    with time_machine.travel(clock.now() + timedelta(days=13)):
        service.answer(pulse.pk, "ja")
    with (
        time_machine.travel(clock.now() + timedelta(days=15)),
        pytest.raises(DomainError, match="nicht mehr offen"),
    ):
        service.answer(pulse.pk, "nein")
    pulse.refresh_from_db()
    assert pulse.answer == "ja"


def test_a_changed_answer_takes_the_consent_back(world, gehrden):
    pulse = make_pulse(make_newcomer("Zzneu", gehrden))
    service.answer(pulse.pk, "nein")
    service.tell(pulse.pk, may=True)
    assert service.answer(pulse.pk, "eher-nein").may_be_told is False


def test_an_attempt_in_vain_does_not_end_the_call_that_was_wished_for(world, gehrden):
    onboarding = make_newcomer("Zzneu", gehrden)
    onboarding.milestones.update(state="void")
    Onboarding.objects.filter(pk=onboarding.pk).update(state="finished", next_due_on=None)
    pulse = make_pulse(onboarding)
    service.answer(pulse.pk, "nein")
    service.tell(pulse.pk, may=True)
    states = []
    for result in ("not_reached", "reached"):
        talk = onboarding_service.Talk("call", result, uuid.uuid4())
        onboarding_service.log_contact(onboarding, world.person("ansprechperson"), talk)
        onboarding.refresh_from_db()
        states.append(onboarding.state)
    assert states == ["running", "finished"]


def test_there_is_nothing_to_tell_about_a_yes(world, gehrden):
    pulse = make_pulse(make_newcomer("Zzneu", gehrden))
    service.answer(pulse.pk, "ja")
    with pytest.raises(DomainError):
        service.tell(pulse.pk, may=True)


def test_nobody_answers_after_a_month(world, gehrden):
    pulse = make_pulse(make_newcomer("Zzneu", gehrden), days_ago=30)
    with pytest.raises(DomainError):
        service.answer(pulse.pk, "ja")


def test_the_page_shows_asks_and_stores_without_login(world, gehrden, client):
    pulse = make_pulse(make_newcomer("Zzneu", gehrden))
    url = service.link(pulse.onboarding_id, 1, "eher-nein")
    page = client.get(url).content.decode()
    pulse.refresh_from_db()
    assert (pulse.answer, page.count("Zzneu")) == ("", 0)
    page = client.post(url, {"answer": "eher-nein"}, follow=True).content.decode()
    assert "Darf deine Ansprechperson das wissen?" in page
    page = client.post(url, {"told": "ja"}, follow=True).content.decode()
    pulse.refresh_from_db()
    assert (pulse.answer, pulse.may_be_told) == ("eher-nein", True)
    assert "weiß Bescheid" in page
    page = client.post(url, {"told": "nein"}, follow=True).content.decode()
    assert "Niemand bei dir vor Ort erfährt davon." in page
    pulse.refresh_from_db()
    assert pulse.may_be_told is False


@pytest.mark.parametrize("token", ["quatsch", "WyJhIl0:1x:yy", ""])
def test_a_damaged_link_says_so(world, client, token):
    url = reverse("members:pulse", args=[token or "x"])
    assert client.get(url).status_code == 404


def test_nonsense_changes_nothing(world, gehrden, client):
    pulse = make_pulse(make_newcomer("Zzneu", gehrden))
    url = service.link(pulse.onboarding_id, 1)
    assert client.post(url, {"answer": "vielleicht"}).status_code == 200
    assert Pulse.objects.get().answer == ""


def test_it_can_be_answered_on_mein_start(world, client_as):
    pulse = make_pulse(world.onboarding("newcomer"))
    client = client_as("newcomer")
    page = client.get(reverse("dashboards:mein_start")).content.decode()
    assert page.count("Bist du bei uns angekommen?") == 1
    client.post(service.link(pulse.onboarding_id, 1), {"answer": "ja"})
    page = client.get(reverse("dashboards:mein_start")).content.decode()
    assert "Du hast geantwortet" in page


def test_what_a_newcomer_gets_names_the_coming_question(world, gehrden):
    onboarding = make_newcomer("Zzneu", gehrden, days=20)
    assert [(f.day, f.title) for f in outlook(onboarding.person_id).coming] == [
        (clock.today() + timedelta(days=22), "Bist du angekommen?")
    ]


# --- Forgetting -------------------------------------------------------------------------------


def answered(gehrden, name, value, days_ago, **values):
    return make_pulse(
        make_newcomer(name, gehrden),
        days_ago,
        answer=value,
        answered_at=clock.now() - timedelta(days=days_ago),
        **values,
    )


def test_an_answer_is_forgotten_after_thirty_days(world, gehrden):
    answered(gehrden, "Zzalt", "nein", 31)
    young = answered(gehrden, "Zzjung", "nein", 29)
    assert service.forget() == 1
    assert Pulse.objects.exclude(answer="").get() == young
    old = Pulse.objects.get(answer="")
    assert (old.answered_at, query.is_open(old)) == (None, False)


def test_a_call_that_was_wished_for_is_not_forgotten(world, gehrden):
    pulse = answered(gehrden, "Zzwartet", "nein", 40, may_be_told=True)
    assert service.forget() == 0
    talk = onboarding_service.Talk("call", "reached", uuid.uuid4())
    onboarding_service.log_contact(pulse.onboarding, world.person("ansprechperson"), talk)
    assert service.forget() == 1


def test_staff_see_numbers_only_when_six_of_each_came_together(world, gehrden, client_as):
    for number in range(9):
        answered(gehrden, f"Zzja{number}", "ja", 31)
    for number in range(5):
        answered(gehrden, f"Zznein{number}", "eher-nein", 31)
    service.forget()
    assert query.published() is None
    client = client_as("staff")
    assert "zu wenige Antworten" in client.get(reverse("members:waves")).content.decode()
    answered(gehrden, "Zznein5", "nein", 31)
    service.forget()
    assert query.published() == query.Published(arrived=9, not_yet=6)


def test_one_more_answer_never_changes_a_published_number(world, gehrden):
    PulseTally.objects.create(arrived=9, not_yet=6, published_on=clock.today() - timedelta(days=9))
    answered(gehrden, "Zzeine", "nein", 31)
    service.forget()
    assert query.published() == query.Published(arrived=9, not_yet=6)
