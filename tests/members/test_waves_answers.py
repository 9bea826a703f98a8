"""What people answer to a wave: by link, by phone; and the pages staff use for it."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Contact, Onboarding, Wave, WaveReply
from members.queries import waves as query
from members.queries.calls import heute
from members.services import answers, waves
from members.services import onboarding as onboarding_service
from portal.common import clock, links
from portal.common.models import MailChoice, OutgoingMail
from portal.common.outbox import kinds, render
from portal.common.outbox.forecasts import outlook
from tests.retention_help import tonight
from tests.security.cells_waves import make_member, make_wave, order


@pytest.fixture
def member(world):
    Onboarding.objects.all().delete()
    return make_member("Zzlange", world.gliederung("Gehrden"), years=12)


def arriving(member):
    return Onboarding.objects.get(person=member)


def link(member, code):
    return links.signed_url(f"reconnect-{code}", str(arriving(member).pk))


def text(member):
    mail = OutgoingMail.objects.get(recipient_key=member.pk)
    return render.write(mail, kinds.get(mail.kind)).text


def test_the_mail_is_honest_and_names_the_meeting(world, member):
    make_wave(world, way=Wave.Way.MEETING)
    written = text(member)
    year = clock.today().year - 12
    assert f"Du bist seit {year} dabei." in written.body
    assert written.body.count("Gasthaus Probe") == 1
    assert "Ich komme zum Treffen: http" in written.body


def test_without_a_meeting_the_mail_says_nothing_of_one(world, member):
    make_wave(world)
    assert "Treffen" not in text(member).body


def test_the_letter_has_a_slip_to_tick_and_no_link(world, member):
    member.email = ""
    member.save()
    make_wave(world, way=Wave.Way.MEETING)
    body = text(member).body
    assert "[ ] Lieber nicht." in body
    assert "[ ] Ich komme zum Treffen." in body
    assert "http" not in body


def test_opening_a_link_changes_nothing_and_the_button_does(world, member, client):
    make_wave(world)
    url = link(member, "call")
    assert "Ja, ruft mich an" in client.get(url).content.decode()
    assert WaveReply.objects.count() == 0
    client.post(url)
    assert WaveReply.objects.get().answer == "anruf"


def test_who_wants_a_call_is_before_others_until_somebody_spoke(world, member, client):
    gehrden = world.gliederung("Gehrden")
    make_member("Aalange", gehrden, years=20)
    make_wave(world)
    client.post(link(member, "call"))
    user = world.user("ansprechperson")
    assert [call.person.family_name for call in heute(user).calls] == ["Zzlange", "Aalange"]
    assert heute(world.user("deputy")).calls == []
    talk = onboarding_service.Talk("call", Contact.Result.REACHED, uuid.uuid4())
    onboarding_service.log_contact(arriving(member), user.person, talk)
    assert [call.person.family_name for call in heute(user).calls] == ["Aalange"]


def test_who_comes_to_the_meeting_stands_on_the_page_of_the_wave(world, member, client_as):
    wave = make_wave(world, way=Wave.Way.MEETING)
    client_as("anon").post(link(member, "meeting"))
    page = client_as("staff").get(reverse("members:wave", args=[wave.pk]), {"liste": "kommt"})
    assert page.content.decode().count("kommt zum Treffen") == 1
    assert "Zzlange" in page.content.decode()


def test_after_the_meeting_nobody_can_say_that_they_come(world, member, client):
    make_wave(world, way=Wave.Way.MEETING)
    url = link(member, "meeting")
    with time_machine.travel(clock.now() + timedelta(days=21)):
        assert "nichts mehr offen" in client.get(url).content.decode()
        client.post(url)
    assert WaveReply.objects.count() == 0


def test_rather_not_ends_it_without_a_trace_for_the_ortsverein(world, member, client, client_as):
    make_wave(world)
    pk = arriving(member).pk
    client.post(link(member, "no"))
    ended = arriving(member)
    assert (ended.state, ended.next_due_on) == ("closed", None)
    assert {milestone.state for milestone in ended.milestones.all()} == {"void"}
    sheet = client_as("ansprechperson").get(reverse("members:newcomer", args=[pk]))
    assert sheet.status_code == 404
    assert member.memberships.get().has_ended is False
    member.refresh_from_db()
    assert member.no_contact_since is None


def test_rather_not_is_forgotten_after_thirty_days_and_nobody_asks_again(world, member, client):
    make_wave(world)
    client.post(link(member, "no"))
    with time_machine.travel(clock.now() + timedelta(days=29)):
        tonight("wave.refused")
        assert WaveReply.objects.count() == 1
    with time_machine.travel(clock.now() + timedelta(days=31)):
        tonight("wave.refused")
        assert WaveReply.objects.count() == 0
    assert MailChoice.objects.get().way == "none"
    with time_machine.travel(clock.now() + timedelta(days=800)):
        people = query.without_contact(world.user("staff"), 12, world.gliederung("Gehrden"))
        assert member not in people


def test_the_other_answers_are_not_forgotten(world, member, client):
    make_wave(world)
    client.post(link(member, "call"))
    with time_machine.travel(clock.now() + timedelta(days=40)):
        assert tonight("wave.refused") == {}


def test_the_answer_of_a_letter_is_entered_by_phone(world, member, client_as):
    make_wave(world)
    client = client_as("ansprechperson")
    url = reverse("members:by_phone", args=[member.pk])
    said = {answer.answer.code: answer.current for answer in answers.asked_of(member)}
    client.post(url, said | {"language": "leicht"})
    member.refresh_from_db()
    assert (member.language, WaveReply.objects.count()) == ("leicht", 0)
    client.post(url, said | {"reconnect": "anruf"})
    assert WaveReply.objects.get().answer == "anruf"


def test_rather_not_on_the_phone_leads_back_to_a_page_that_exists(world, member, client_as):
    make_wave(world)
    said = {answer.answer.code: answer.current for answer in answers.asked_of(member)}
    page = client_as("ansprechperson").post(
        reverse("members:by_phone", args=[member.pk]),
        said | {"reconnect": "lieber-nicht"},
        follow=True,
    )
    assert (page.status_code, page.redirect_chain[-1][0]) == (200, reverse("dashboards:heute"))


def test_a_meeting_that_does_not_exist_cannot_be_promised_by_phone(world, member, client_as):
    make_wave(world)
    said = {answer.answer.code: answer.current for answer in answers.asked_of(member)}
    page = client_as("ansprechperson").post(
        reverse("members:by_phone", args=[member.pk]), said | {"reconnect": "kommt"}
    )
    assert page.status_code == 200
    assert "es gibt keins" in page.content.decode()
    assert WaveReply.objects.count() == 0


def test_what_a_member_gets_shows_the_invitation(world, member):
    make_wave(world)
    assert [entry.title for entry in outlook(member.pk).coming] == ["Einladung, wieder anzuknüpfen"]


# --- Pages ------------------------------------------------------------------------------------

CHOSEN = {"months": "12", "size": "25", "way": "call"}


def chosen(world, **changes):
    return CHOSEN | {"gliederung": str(world.gliederung("Region").pk)} | changes


def test_the_preview_says_what_happens_and_sends_nothing(world, member, client_as):
    page = client_as("staff").get(reverse("members:wave_new"), chosen(world))
    words = " ".join(page.content.decode().split())
    assert "Diese Welle schreibt 1 Mail und 0 Briefe." in words
    assert "1 Anruf geht an 1 Ansprechperson (höchstens 1 je Person)." in words
    assert OutgoingMail.objects.count() == 0


def test_confirming_the_preview_starts_the_wave(world, member, client_as):
    client = client_as("staff")
    page = client.get(reverse("members:wave_new"), chosen(world))
    confirm = {name: str(value) for name, value in page.context["confirm"].initial.items()}
    answer = client.post(reverse("members:wave_new"), chosen(world) | confirm)
    assert answer.url == reverse("members:wave", args=[Wave.objects.get().pk])


def test_a_meeting_needs_when_and_where_and_the_future(world, member, client_as):
    client = client_as("staff")
    page = client.get(reverse("members:wave_new"), chosen(world, way="meeting"))
    assert page.content.decode().count("Für ein Treffen bitte ausfüllen.") >= 3
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    meeting = {"meeting_on": yesterday, "meeting_time": "18:00", "meeting_place": "Hier"}
    page = client.get(reverse("members:wave_new"), chosen(world, way="meeting") | meeting)
    assert "muss in der Zukunft liegen" in page.content.decode()


def test_more_than_a_hundred_messages_need_a_second_yes(world, member, client_as):
    for number in range(101):
        make_member(f"Viele{number}", world.gliederung("Gehrden"))
    client = client_as("staff")
    asked = chosen(world, size="200")
    page = client.get(reverse("members:wave_new"), asked)
    confirm = {name: str(value) for name, value in page.context["confirm"].initial.items()}
    refused = client.post(reverse("members:wave_new"), asked | confirm)
    assert "so viele Nachrichten" in refused.content.decode()
    assert Wave.objects.count() == 0
    client.post(reverse("members:wave_new"), asked | confirm | {"many": "on"})
    assert Wave.objects.get().onboardings.count() == 102


def test_who_was_overtaken_sees_the_preview_again(world, member, client_as):
    client = client_as("staff")
    page = client.get(reverse("members:wave_new"), chosen(world))
    confirm = {name: str(value) for name, value in page.context["confirm"].initial.items()}
    make_member("Zzdazwischen", world.gliederung("Gehrden"))
    answer = client.post(reverse("members:wave_new"), chosen(world) | confirm)
    assert answer.status_code == 200
    assert answer.context["confirm"].initial["digest"] != confirm["digest"]
    assert Wave.objects.count() == 0


def test_taking_back_says_how_many_stay(world, member, client_as):
    wave = make_wave(world)
    page = client_as("staff").post(reverse("members:wave_undo", args=[wave.pk]), follow=True)
    assert "Zurückgenommen: 1." in page.content.decode()
    assert Onboarding.objects.count() == 0


def test_an_order_for_a_place_without_anybody_is_refused_in_words(world, member):
    with pytest.raises(waves.WaveChanged, match="niemanden"):
        waves.start(order(world, gliederung=world.gliederung("Springe")), world.user("staff"))
