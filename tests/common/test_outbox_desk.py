"""Staff look into the outbox, try again, stop, change texts, and see what one person gets."""

from datetime import timedelta

import pytest
from django.urls import reverse

from members.models import Person
from members.services import onboarding
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import AddressTrouble, Language, MailText, OutgoingMail
from portal.common.outbox import desk, forecasts, kinds
from portal.common.outbox.services import drain
from tests.concurrency import at_once
from tests.world import make_person

DAY = timedelta(days=1)


def set_state(mail, **values):
    OutgoingMail.objects.filter(pk=mail.pk).update(**values)
    mail.refresh_from_db()
    return mail


@pytest.fixture
def by(world):
    return world.person("staff").pk


def test_a_failed_mail_gets_fresh_tries(put, mail_kind, state, sink, by):
    mail_kind()
    mail = set_state(put(), state="failed", attempts=7, reason="vom Mailserver abgelehnt (550)")

    desk.retry(mail.pk, by)
    drain()

    assert state(mail) == ("sent", "")
    assert (mail.attempts, mail.retried_from, mail.tries) == (8, 7, 1)


def test_an_uncertain_mail_needs_a_second_yes(put, mail_kind, state, by):
    mail_kind()
    mail = set_state(put(), state="uncertain")

    with pytest.raises(DomainError, match="schon angekommen"):
        desk.retry(mail.pk, by)
    desk.retry(mail.pk, by, may_double=True)

    assert state(mail) == ("queued", "")


def test_a_retry_goes_to_the_address_of_today(rows, client_as, world):
    person = world.person("newcomer")
    url = reverse("members:post_retry", args=[rows["scheitert"].pk])

    client_as("staff").post(url)

    assert OutgoingMail.objects.get(pk=rows["scheitert"].pk).address == person.email


@pytest.mark.parametrize("wrong", ["queued", "sending", "dropped"])
def test_only_what_failed_can_be_tried_again(put, mail_kind, by, wrong):
    mail_kind()
    mail = set_state(put(), state=wrong)

    with pytest.raises(desk.AlreadyDone):
        desk.retry(mail.pk, by)


@pytest.mark.parametrize("wrong", ["sending", "failed", "dropped"])
def test_only_what_waits_can_be_stopped(put, mail_kind, by, wrong):
    mail_kind()
    mail = set_state(put(), state=wrong)

    with pytest.raises(desk.AlreadyDone):
        desk.stop(mail.pk, by)


def test_two_people_retry_at_once_and_it_is_queued_once(live_world, put, mail_kind):
    mail_kind()
    mail, by = set_state(put(), state="failed", attempts=3), live_world.person("staff").pk
    answers = []

    def again():
        try:
            answers.append(desk.retry(mail.pk, by).state)
        except desk.AlreadyDone:
            answers.append("too late")

    at_once(again, again, again)

    assert sorted(answers) == ["queued", "too late", "too late"]


def test_stopping_while_the_worker_sends_has_one_winner(
    live_world,
    put,
    mail_kind,
    sink,
    state,
):
    mail_kind()
    mails, by = [put() for _ in range(12)], live_world.person("staff").pk
    stopped = []

    def stop_all():
        for mail in reversed(mails):
            try:
                desk.stop(mail.pk, by)
                stopped.append(mail.pk)
            except desk.AlreadyDone:
                continue

    at_once(stop_all, drain)
    drain()

    for mail in mails:
        wanted = ("dropped", desk.STOPPED) if mail.pk in stopped else ("sent", "")
        assert state(mail) == wanted
    assert len(list(sink.glob("*.eml"))) == len(mails) - len(stopped)


# --- The page -------------------------------------------------------------------------------


@pytest.fixture
def rows(world, put, mail_kind):
    """One message in every state of the page."""
    mail_kind()
    person = {"recipient_key": world.person("newcomer").pk}
    now = clock.now()
    return {
        "scheitert": set_state(put(**person), state="failed", reason="kam zurück"),
        "wartet": put(**person),
        "gebremst": set_state(put(**person), capped_until=now + 3 * DAY),
        "verschickt": set_state(put(**person), state="sent", sent_at=now, body="Hallo [entfernt]"),
        "nicht-noetig": set_state(put(**person), state="dropped", reason="ausgetreten"),
        "decoy": set_state(put("account.nobody"), state="failed"),
    }


@pytest.mark.parametrize("tab", ["scheitert", "wartet", "gebremst", "verschickt", "nicht-noetig"])
def test_each_tab_shows_its_own_message(rows, client_as, tab):
    page = client_as("staff").get(reverse("members:post"), {"stand": tab}).content.decode()

    shown = {name for name, mail in rows.items() if str(mail.pk) in page}
    assert shown == {tab}


def test_the_page_opens_with_what_fails(rows, client_as):
    page = client_as("staff").get(reverse("members:post")).content.decode()

    assert str(rows["scheitert"].pk) in page


def test_messages_are_found_by_name_and_kind(rows, client_as, world):
    url, client = reverse("members:post"), client_as("staff")
    hits = [
        client.get(url, {"stand": "wartet", **query}).content.decode().count("row-link") - 3
        for query in ({"q": "zznewcomer"}, {"q": "zzmember"}, {"art": "members.welcome"})
    ]
    assert hits == [1, 0, 0]


def test_a_decoy_does_not_exist_for_anybody(rows, client_as):
    url = reverse("members:post_item", args=[rows["decoy"].pk])

    assert client_as("staff").get(url).status_code == 404


def test_a_sent_mail_shows_its_kept_text(rows, client_as):
    url = reverse("members:post_item", args=[rows["verschickt"].pk])

    assert "Hallo [entfernt]" in client_as("staff").get(url).content.decode()


def test_a_login_mail_shows_no_text_and_no_button(world, client_as, put):
    mail = put("account.login_hint", recipient_key=world.person("newcomer").pk)
    set_state(mail, state="failed", body="ZZCODE99")
    page = client_as("staff").get(reverse("members:post_item", args=[mail.pk])).content.decode()

    assert ("ZZCODE99" in page, "nochmal" in page, mail.address in page) == (False, False, False)


# --- Texts ----------------------------------------------------------------------------------


def text_url(**changes):
    place = {"kind": "members.welcome", "channel": "mail", "language": "de"} | changes
    return reverse("members:text", kwargs=place)


def test_staff_change_preview_and_reset_a_text(client_as):
    client = client_as("staff")
    form = client.get(text_url()).context["form"].initial
    mine = {"subject": "Moin {vorname}", "body": form["body"]}

    preview = client.post(text_url(), mine | {"vorschau": "ja"}).content.decode()
    assert preview.count("<strong>Moin Kim</strong>") == 1
    assert MailText.objects.count() == 0

    client.post(text_url(), mine | {"speichern": "ja"})
    assert MailText.objects.get().subject == "Moin {vorname}"

    asking = client.get(f"{text_url()}zuruecksetzen/").content.decode()
    assert asking.count("<strong>Moin {vorname}</strong>") == 1
    assert MailText.objects.count() == 1
    client.post(f"{text_url()}zuruecksetzen/")
    assert MailText.objects.count() == 0


def test_a_wrong_text_says_what_to_do_and_loses_nothing(client_as):
    mine = {"subject": "Moin", "body": "Hallo {strasse}, <b>hier</b>", "speichern": "ja"}
    page = client_as("staff").post(text_url(), mine).content.decode()

    assert "<li>Den Platzhalter {strasse} gibt es hier nicht" in page
    assert "Vorschau der letzten gültigen Fassung" in page
    assert "Hallo {strasse}, &lt;b&gt;hier&lt;/b&gt;" in page
    assert MailText.objects.count() == 0


@pytest.mark.parametrize("changes", [{"kind": "nope"}, {"channel": "fax"}, {"language": "xx"}])
def test_a_text_that_cannot_be_is_not_found(client_as, changes):
    assert client_as("staff").get(text_url(**changes)).status_code == 404


def test_a_language_added_by_staff_can_be_chosen_at_once(world, client_as):
    client = client_as("staff")
    client.post(reverse("members:language_new"), {"code": "tr", "name": "Türkçe"})

    profile = {"preferred_channel": "phone", "language": "tr"}
    client_as("newcomer").post(reverse("members:profile"), profile)

    assert Person.objects.get(pk=world.person("newcomer").pk).get_language_display() == "Türkçe"
    again = client.post(reverse("members:language_new"), {"code": "tr", "name": "Türkisch"})
    assert "Diese Sprache gibt es schon." in again.content.decode()
    assert Language.objects.filter(code="tr").count() == 1


# --- What a person gets ---------------------------------------------------------------------


def test_everybody_sees_what_comes_and_what_came(rows, world, client_as):
    outlook = forecasts.outlook(world.person("newcomer").pk)
    waiting = [entry for entry in outlook.coming if entry.title != kinds.title("members.pulse")]
    assert [entry.note for entry in waiting] == ["", "wartet, damit es nicht zu viel wird"]
    assert len(outlook.sent) == 1

    own = client_as("newcomer").get(reverse("members:my_mail")).content.decode()
    assert own.count("wartet, damit es nicht zu viel wird") == 1


def test_whoever_waits_for_an_ortsverein_sees_the_welcome_coming(world):
    person = make_person("Zzoffen", None, open_question="ortsverein")
    onboarding.start_many([onboarding.Arrival(person, clock.today())])

    (planned,) = forecasts.outlook(person.pk).coming
    assert (planned.title, planned.day) == ("Willkommen", clock.today() + 3 * DAY)


def test_a_forecast_is_registered_once():
    with pytest.raises(ValueError, match="registered twice"):
        forecasts.register("members.undecided")(lambda person, until: [])


def test_an_address_that_rests_is_listed_and_woken(world, client_as):
    trouble = AddressTrouble.objects.create(
        address="zz@example.org",
        recipient_key=world.person("newcomer").pk,
        last_at=clock.now(),
        hard_bounces=2,
        paused_at=clock.now(),
    )
    client = client_as("staff")
    assert "zz@example.org" in client.get(reverse("members:addresses")).content.decode()

    client.post(reverse("members:address_unpause", args=[trouble.pk]))

    assert "zz@example.org" not in client.get(reverse("members:addresses")).content.decode()


def test_a_contact_is_asked_to_call_whoever_gets_no_mail(world, put, mail_kind, client_as):
    mail_kind()
    onboarding = world.onboarding("newcomer")
    mail = put(recipient_key=onboarding.person_id)
    set_state(mail, state="failed", bounced_at=clock.now())

    page = client_as("ansprechperson").get(reverse("dashboards:heute")).content.decode()

    assert page.count("Eine Mail kam nicht an.") == 1


def test_the_post_does_not_tell_who_wanted_to_sign_in(world, client_as, put):
    for kind in ("account.login_code", "account.reset"):
        put(kind, recipient_key=world.person("newcomer").pk)

    page = client_as("staff").get("/post/?stand=wartet").content.decode()

    assert (world.person("newcomer").family_name in page, "Anmelde" in page) == (False, False)
