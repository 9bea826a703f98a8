"""Which mails a person wants holds at the moment of sending, and never touches a consent."""

import re
import uuid

import pytest
from django.core import serializers
from django.urls import reverse

from members.models import PhoneAnswer
from members.services import answers, mail_choices
from members.services.reference import MESSENGER
from portal.common import clock, consents
from portal.common.local import mailbox
from portal.common.models import Consent, MailChoice, OutgoingMail
from portal.common.outbox import choices, desk, kinds, render, texts
from portal.common.outbox.forecasts import outlook
from portal.common.outbox.kinds import MailClass, MailKind
from portal.common.outbox.services import Draft, drain, queue
from portal.common.outbox.wording import Placeholder
from tests.common.test_outbox_text import only_mail, part

Way = MailChoice.Way
EVENING = "test.evening"


def _kind(code, mail_class):
    return MailKind(
        code=code,
        title="Einladung zum Spieleabend",
        template="account/nobody",
        recipient="Neumitglied",
        reason="Bei dir in der Nähe ist etwas los.",
        mail_class=mail_class,
        counts_for_cap=False,
        context=lambda _: {"language": "de", "vorname": "Kim"},
        may_send=lambda _: None,
        placeholders=(Placeholder("vorname", "Vorname", "Kim"),),
    )


@pytest.fixture
def evening(monkeypatch):
    """An invitation, and a duty that looks the same."""
    ours = {
        EVENING: _kind(EVENING, MailClass.INVITATION),
        "test.duty": _kind("test.duty", MailClass.DUTY),
    }
    known = {code: kind for code, kind in kinds._kinds.items() if not choices.can_be_chosen(kind)}
    monkeypatch.setattr(kinds, "_kinds", known | ours)
    wording = texts.Wording("Hallo", "Komm vorbei.")
    monkeypatch.setattr(texts, "shipped", lambda *_: wording)
    return ours[EVENING]


def wait_for(person, code=EVENING, **values):
    key = uuid.uuid4().hex
    draft = {"address": person.email} | values
    queue(Draft(kind=code, recipient_key=person.pk, dedupe_key=key, ids={}, **draft))
    return OutgoingMail.objects.get(dedupe_key=key)


def outcome(mail):
    mail.refresh_from_db()
    return mail.state, mail.channel


def choose(person, way):
    choices.choose(person.pk, {EVENING: way}, person.pk)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (Way.MAIL, ("sent", "mail")),
        (Way.NONE, ("dropped", "mail")),
        (Way.LETTER, ("queued", "letter")),
    ],
)
def test_a_choice_made_while_a_mail_waits_holds(way, expected, world, sink, evening):
    person = world.person("newcomer")
    mail, duty = wait_for(person), wait_for(person, "test.duty")
    choose(person, way)
    drain()
    assert outcome(mail) == expected
    assert outcome(duty) == ("sent", "mail")
    assert len(list(mailbox.messages(sink))) == (2 if way == Way.MAIL else 1)


def test_changing_ones_mind_in_time_lets_it_go_the_usual_way(world, sink, evening):
    person = world.person("newcomer")
    mail = wait_for(person)
    for way in (Way.NONE, Way.LETTER, Way.MAIL):
        choose(person, way)
    drain()
    assert outcome(mail) == ("sent", "mail")
    assert MailChoice.objects.count() == 0


def test_a_letter_that_nobody_printed_becomes_a_mail_again(world, sink, evening):
    person = world.person("newcomer")
    waiting, printed = wait_for(person), wait_for(person)
    choose(person, Way.LETTER)
    drain()
    desk.print_letters([printed.pk], world.person("staff").pk)
    choose(person, Way.MAIL)
    drain()
    assert (outcome(waiting), outcome(printed)) == (("sent", "mail"), ("queued", "letter"))


def test_whoever_has_no_address_can_decline_letters_too(world, evening):
    person = world.person("newcomer")
    person.email = ""
    person.save()
    mail = wait_for(person, address="", channel="letter")
    choose(person, Way.NONE)
    printed = desk.print_letters([mail.pk], world.person("staff").pk)
    assert (printed.letters, printed.left_out) == (0, ((person.pk, choices.DECLINED),))
    assert [code for code, _ in mail_choices.ways_for(person)] == [Way.MAIL, Way.NONE]


def test_a_duty_cannot_be_declined_whatever_is_sent(world, client_as, sink, evening):
    person = world.person("newcomer")
    client_as("newcomer").post(
        reverse("members:my_mail"), {EVENING: Way.MAIL, "test.duty": Way.NONE}
    )
    choices.choose(person.pk, {"test.duty": Way.NONE, "members.welcome": Way.NONE}, person.pk)
    assert MailChoice.objects.count() == 0
    MailChoice.objects.create(recipient_key=person.pk, kind="test.duty", way=Way.NONE)
    mail = wait_for(person, "test.duty")
    drain()
    assert outcome(mail) == ("sent", "mail")


def test_the_page_offers_invitations_and_says_why_the_rest_always_comes(world, client_as, evening):
    client, person = client_as("newcomer"), world.person("newcomer")
    page = client.get(reverse("members:my_mail"))
    assert list(page.context["form"].fields) == [EVENING]
    body = page.content.decode()
    assert "kommt immer, weil du es wissen musst" in body
    assert "Bei dir in der Nähe ist etwas los." in body
    client.post(reverse("members:my_mail"), {EVENING: Way.LETTER})
    assert choices.chosen_by(person.pk) == {EVENING: Way.LETTER}
    assert "fehlt uns deine Straße" in client.get(reverse("members:my_mail")).content.decode()
    refused = client.post(reverse("members:my_mail"), {EVENING: "taube"})
    assert refused.status_code == 200
    assert choices.chosen_by(person.pk) == {EVENING: Way.LETTER}


def test_what_was_declined_is_not_announced(world, evening):
    person = world.person("newcomer")
    wait_for(person)
    seen = []
    for way in (Way.MAIL, Way.NONE):
        choose(person, way)
        coming = [entry.title for entry in outlook(person.pk).coming]
        seen.append(evening.title in coming)
    assert seen == [True, False]


def test_one_person_s_choice_is_nobody_else_s(world, sink, evening):
    choose(world.person("newcomer"), Way.NONE)
    mail = wait_for(world.person("other_newcomer"))
    drain()
    assert outcome(mail) == ("sent", "mail")


def test_choosing_mails_changes_no_consent(world, client_as, evening):
    person = world.person("newcomer")
    consents.give(person.pk, MESSENGER, "de", Consent.Channel.ONLINE, person.pk)
    before = serializers.serialize("json", Consent.objects.all())
    for way in (Way.NONE, Way.LETTER, Way.MAIL):
        client_as("newcomer").post(reverse("members:my_mail"), {EVENING: way})
    assert serializers.serialize("json", Consent.objects.all()) == before


def test_the_same_is_said_on_the_phone(world, client_as, evening):
    person = world.person("newcomer")
    url = reverse("members:by_phone", args=[person.pk])
    now = {entry.answer.code: entry.current for entry in answers.asked_of(person)}
    client = client_as("ansprechperson")
    client.post(url, now | {"mail_letter": [EVENING]})
    assert choices.chosen_by(person.pk) == {EVENING: Way.LETTER}
    client.post(url, now | {"mail_none": [EVENING], "mail_letter": [EVENING]})
    assert choices.chosen_by(person.pk) == {EVENING: Way.NONE}
    client.post(url, now)
    assert choices.chosen_by(person.pk) == {}
    assert set(PhoneAnswer.objects.values_list("code", flat=True)) == {"mail_letter", "mail_none"}


# --- „Solche Mails nicht mehr“ -----------------------------------------------------------------


@pytest.fixture
def arrived(world, sink, evening):
    wait_for(world.person("newcomer"))
    drain()
    return only_mail(sink)


def link(message):
    return re.search(r"^Solche Mails nicht mehr: (\S+)$", part(message, "plain"), re.M)[1]


def test_every_invitation_carries_the_way_out_and_a_scanner_changes_nothing(arrived, world, client):
    url = link(arrived)
    assert arrived["List-Unsubscribe"].strip() == f"<{url}>"
    assert part(arrived, "html").count(url) == 1
    assert 'class="button"' not in part(arrived, "html")
    path = "/" + url.split("/", 3)[3]
    asked = client.get(path)
    assert "Einladung zum Spieleabend" in asked.content.decode()
    assert MailChoice.objects.count() == 0
    client.post(path)
    person = world.person("newcomer")
    assert choices.chosen_by(person.pk) == {EVENING: Way.NONE}
    assert "nichts mehr offen" in client.get(path).content.decode()


def test_what_is_kept_of_a_mail_has_no_working_link(arrived):
    mail = OutgoingMail.objects.get(kind=EVENING)
    assert mail.body.endswith(f"Solche Mails nicht mehr: {render.BLANKED}")


def test_a_duty_has_no_way_out(world, sink, evening):
    wait_for(world.person("newcomer"), "test.duty")
    drain()
    message = only_mail(sink)
    assert message["List-Unsubscribe"] is None
    assert "nicht mehr" not in part(message, "plain")


def test_on_paper_there_is_no_link(world, evening):
    mail = wait_for(world.person("newcomer"), channel="letter")
    assert "http" not in render.write(mail, evening).text.body
    assert mail.created_at <= clock.now()
