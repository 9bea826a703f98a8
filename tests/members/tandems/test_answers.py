"""What both sides say from a mail, on the phone and on their page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from members import tandem_links
from members.models import (
    Kommune,
    Onboarding,
    Person,
    Tandem,
    TandemMeeting,
    Topic,
    User,
)
from members.queries import addressees
from members.queries import tandems as queries
from members.services import answers, tandem_days, tandem_mail, tandems
from portal.common import clock, links
from portal.common.outbox import kinds
from portal.common.todos import todos_for
from tests.members.tandem_people import MONDAY, mails, tandem
from tests.world import make_newcomer, make_user

State, Outcome = Tandem.State, Tandem.Outcome
DAY = timedelta(days=1)


LINKS = {
    "mentor-yes": (State.ASKED, "Jetzt fragen wir"),
    "mentor-no": (State.ENDED, "Wir suchen weiter"),
}


@pytest.mark.parametrize("code", LINKS)
def test_the_newcomer_answers_from_the_mail(world, pair, client, code):
    onboarding, mentor = pair
    url = links.signed_url(code, f"{onboarding.pk}:{mentor.pk}").replace(
        links.settings.BASE_URL, ""
    )
    assert client.get(url).status_code == 200
    assert not Tandem.objects.exists(), "looking changes nothing"
    state, says = LINKS[code]
    assert says in client.post(url).content.decode()
    assert Tandem.objects.get().state == state
    client.post(url)
    assert Tandem.objects.count() == 1


@pytest.mark.parametrize(("code", "state"), [("tandem-yes", "active"), ("tandem-no", "ended")])
def test_the_mentor_answers_from_the_mail(world, client, code, state):
    found = tandem(world, "asked")
    url = links.signed_url(code, f"{found.pk}:{found.mentor_id}").replace(
        links.settings.BASE_URL, ""
    )
    shown = client.get(url).content.decode()
    assert found.newcomer.first_name not in shown
    client.post(url)
    client.post(url)
    assert Tandem.objects.get().state == state


def test_a_link_of_somebody_else_does_nothing(world):
    found = tandem(world, "asked")
    assert tandem_links._asked(f"{found.pk}:{world.person('member').pk}") is None


def test_yes_to_have_you_met_counts_once(world, client):
    found = tandem(world, days=50)
    url = links.signed_url("tandem-met", f"{found.pk}:{found.newcomer_id}").replace(
        links.settings.BASE_URL, ""
    )
    client.post(url)
    client.post(url)
    assert TandemMeeting.objects.get().met_on == MONDAY


def test_without_mail_both_say_it_on_the_phone(world, pair):
    onboarding, mentor = pair
    contact = world.person("ansprechperson")
    Person.objects.filter(pk__in=[onboarding.person_id, mentor.person_id]).update(email="")
    newcomer = Person.objects.get(pk=onboarding.person_id)
    answers.enter(newcomer, {"mentor_proposal": "ja"}, contact)
    other = Person.objects.get(pk=mentor.person_id)
    answers.enter(other, {"tandem_request": "ja"}, contact)
    assert Tandem.objects.get().state == State.ACTIVE
    pk = str(Tandem.objects.get().pk)
    answers.enter(newcomer, {"tandem_met": pk}, contact)
    assert TandemMeeting.objects.count() == 1
    answers.enter(newcomer, {"tandem_leave": pk}, contact)
    assert Tandem.objects.get().outcome == Outcome.CHANGED
    noted = newcomer.phone_answers.values_list("code", flat=True)
    assert {"mentor_proposal", "tandem_met", "tandem_leave"} == set(noted)


def test_who_has_left_the_party_has_no_tandem_any_more(world):
    found = tandem(world)
    found.mentor.memberships.update(left_on=MONDAY - DAY, has_ended=True)
    tandem_days.end_of_leavers()
    found.refresh_from_db()
    assert found.outcome == Outcome.LEFT
    assert [mail.recipient_key for mail in mails(tandem_mail.OVER)] == [found.newcomer_id]


@pytest.mark.parametrize(
    ("days", "why"), [(-1, "Beginn"), (5, "heute"), (None, "Datum")], ids=["before", "after", "no"]
)
def test_a_meeting_outside_of_the_tandem_is_refused_at_its_field(world, client_as, days, why):
    found = tandem(world, days=3)
    day = "gestern" if days is None else (found.started_on + timedelta(days=days)).isoformat()
    body = client_as("mentor").post(
        reverse("members:tandem_met", args=[found.pk]), {"met_on": day, "how": "call"}
    )
    assert body.status_code == 200
    assert why in body.content.decode()
    assert not TandemMeeting.objects.exists()


def test_every_open_tandem_stands_in_one_column(world):
    gehrden = world.gliederung("Gehrden")
    mentor = world.person("mentor")

    def one(name, **values):
        person = make_newcomer(name, gehrden).person
        return Tandem.objects.create(newcomer=person, mentor=mentor, asked_at=clock.now(), **values)

    def active(name, began, end=180, **values):
        start = MONDAY - began * DAY
        return one(name, state="active", started_on=start, planned_end=start + end * DAY, **values)

    wanted = {
        one("Zza"): "waiting",
        active("Zzb", 13): "active",
        active("Zzc", 14): "silent",
        active("Zzd", 60, called_on=MONDAY - 59 * DAY): "active",
        active("Zze", 90, called_on=MONDAY - 60 * DAY): "silent",
        active("Zzf", 166, called_on=MONDAY): "closing",
        active("Zzg", 181, called_on=MONDAY): "closing",
    }
    board = queries.board(None, None)
    found = {card.tandem: column.code for column in board for card in column.cards}
    assert found == wanted


def test_the_board_shows_one_place_and_one_topic_only(world, client_as):
    found, topic = tandem(world), Topic.objects.get(code="wohnen")
    client, url = client_as("coordinator"), reverse("members:tandem_board")
    name = f"{found.newcomer.first_name} und {found.mentor.first_name}"

    def shown(**chosen):
        return name in client.get(url, chosen).content.decode()

    assert shown()
    assert not shown(thema=str(topic.pk))
    found.newcomer.topics.add(topic)
    assert shown(thema=str(topic.pk))
    assert not shown(ort=str(Kommune.objects.exclude(pk=found.newcomer.kommune_id).first().pk))
    assert shown(thema="wohnen", ort="Gehrden"), "what does not exist is as good as nothing"


def test_goes_on_or_ends_on_the_phone(world):
    found, contact = tandem(world, days=170), world.person("ansprechperson")
    end = found.planned_end
    answers.enter(found.newcomer, {"tandem_closing": f"laenger {found.pk}"}, contact)
    found.refresh_from_db()
    assert found.planned_end > end
    other = world.person("member")
    assert answers.enter(other, {"tandem_closing": f"abschluss {found.pk}"}, contact) == []
    answers.enter(found.newcomer, {"tandem_closing": f"abschluss {found.pk}"}, contact)
    found.refresh_from_db()
    assert found.outcome == Outcome.COMPLETED


def test_who_fell_silent_finds_the_way_out_in_the_mail(world):
    found = tandem(world, days=46)
    tandem_days.new_day()
    (mail,) = mails(tandem_mail.SILENT, found.newcomer)
    kind = kinds.get(tandem_mail.SILENT)
    assert kind.context(mail)["seite"].endswith(reverse("members:tandem", args=[found.pk]))
    mail.channel = mail.Channel.LETTER
    assert not kind.context(mail)["seite"]


def test_mentors_see_who_asks_in_their_digest(world):
    found = tandem(world, "asked")
    assert found.mentor_id in addressees.of_mentors(MONDAY)
    user = User.objects.get(person=found.mentor)
    assert [todo.key for todo in todos_for(user) if todo.kind == "asked-mentor"]
    tandems.answer(found.pk, found.mentor, yes=True, by=found.mentor)
    assert not [todo for todo in todos_for(user) if todo.kind == "asked-mentor"]


def test_a_year_later_a_newcomer_is_asked_to_become_one(world, client_as):
    assert "Mentor:in werden" not in client_as("newcomer").get("/start/").content.decode()
    Onboarding.objects.update(started_on=MONDAY - 366 * DAY)
    assert "Mentor:in werden" in client_as("newcomer").get("/start/").content.decode()


def test_a_login_without_tandem_or_office_finds_the_call(world, client_as):
    make_user(make_newcomer("Zzneu", world.gliederung("Uetze")).person, second_factor=False)
    assert client_as("member").get("/meine-tandems/").status_code == 404
    assert client_as("member").get("/mentor-werden/").status_code == 200
