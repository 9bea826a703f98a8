"""„Ich will mitmachen“: no Person before the confirmation, one mail, nothing by GET, all gone."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from members import tasks
from members.models import Interest, InterestMark, Membership, Onboarding, Person
from members.services import admissions, imports, interest
from portal.common import clock, consents, todos
from portal.common.models import Consent
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import drain
from tests.concurrency import at_once
from tests.members.exports import rows
from tests.members.interested import ADDRESS, asked, link, mails, make_interest, send
from tests.retention_help import tonight


@pytest.fixture
def one(world, client):
    assert send(client).status_code == 200
    return Interest.objects.get()


def test_the_form_makes_one_mail_and_no_person(world, client):
    before = Person.objects.count()
    page = send(client).content.decode()
    assert "Sehen Sie bitte in Ihr Postfach" in page
    assert Person.objects.count() == before
    assert mails() == [(interest.CONFIRM, ADDRESS)]
    assert Consent.objects.count() == 0
    row = Interest.objects.get()
    assert (row.state, row.person, row.phone) == ("new", None, "+49 511 987654")


@pytest.mark.parametrize("language", ["de", "leicht", "en"])
def test_the_mail_carries_nothing_that_a_stranger_typed(world, client, settings, language):
    send(client, given_name="Kaufenjetzt", family_name="Böse", language=language)
    drain()
    sent = OutgoingMail.objects.get()
    assert sent.state == "sent"
    from django.core.mail import outbox

    (message,) = outbox
    text = f"{message.subject} {message.body} {message.alternatives[0][0]}"
    assert "Kaufenjetzt" not in text
    assert message.to == [ADDRESS]
    assert "/mitmachen/bestaetigen/" in message.body
    assert sent.body == ""


def test_five_looks_change_nothing_and_one_tap_does(one, world):
    for _ in range(5):
        page = Client().get(link(one)).content.decode()
        assert "Ja, ich bin einverstanden" in page
    one.refresh_from_db()
    assert (one.state, one.person) == ("new", None)
    Client().post(link(one), {"tun": "ja"})
    one.refresh_from_db()
    person = one.person
    assert (one.state, person.full_name, person.plz) == (
        "confirmed",
        "Ida Zzinteressiert",
        "30989",
    )
    assert person.gliederung == world.gliederung("Gehrden")
    assert one.responsible == world.person("ansprechperson")
    assert consents.holds(person.pk, "interest")
    assert Consent.objects.get().text.version == 1
    assert Onboarding.objects.filter(person=person).exists() is False
    assert Membership.objects.filter(person=person).exists() is False


def test_a_second_tap_says_the_same(one):
    pages = []
    for _ in range(2):
        answer = Client().post(link(one), {"tun": "ja"}, follow=True)
        pages.append((answer.status_code, "Wir melden uns" in answer.content.decode()))
    assert pages == [(200, True), (200, True)]
    assert Person.objects.filter(email=ADDRESS).count() == 1


def test_two_taps_at_once_are_one_person(live_world):
    interest.ask(asked())
    one = Interest.objects.get()
    at_once(*[lambda: interest.confirm(one)] * 3)
    assert Person.objects.filter(email=ADDRESS).count() == 1
    assert Consent.objects.count() == 1


def test_two_forms_of_one_address_are_one_person(live_world):
    for days in (0, 2):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            interest.ask(asked())
    first, second = Interest.objects.order_by("created_at")
    with time_machine.travel(clock.now() + timedelta(days=2)):
        at_once(lambda: interest.confirm(first), lambda: interest.confirm(second))
    assert Person.objects.filter(email=ADDRESS).count() == 1
    assert sorted(Interest.objects.values_list("state", flat=True)) == ["closed", "confirmed"]


def test_an_expired_link_offers_a_new_one(one):
    with time_machine.travel(clock.now() + timedelta(hours=73)):
        assert "Dieser Link ist abgelaufen" in Client().get(link(one)).content.decode()
        Client().post(link(one), {"tun": "ja"})
        one.refresh_from_db()
        assert one.state == "new"
        answer = Client().post(link(one), {"tun": "neu"})
        assert "Sehen Sie bitte in Ihr Postfach" in answer.content.decode()
        assert len(mails()) == 2
        Client().post(link(one), {"tun": "ja"})
    one.refresh_from_db()
    assert one.state == "confirmed"


@pytest.mark.parametrize("token", ["x", "a:b", "00000000000040008000000000000000"])
def test_a_forged_link_leads_to_the_form(world, client, token):
    answer = client.get(reverse("members:interest_confirm", args=[token]))
    assert answer.status_code == 404
    assert reverse("members:interest") in answer.content.decode()


def test_a_form_that_waits_for_a_human_cannot_be_confirmed(world):
    interest.ask(asked(doubt="trap"))
    assert Client().get(link(Interest.objects.get())).status_code == 404


# --- Afterwards ------------------------------------------------------------------------------


def test_the_ansprechperson_is_told_and_after_the_call_not_any_more(world, client_as):
    one = make_interest()
    user = world.user("ansprechperson")
    (todo,) = [t for t in todos.todos_for(user) if t.kind == "interest"]
    assert todo.title == "Ida interessiert sich und freut sich auf einen Anruf"
    client = client_as("ansprechperson")
    assert "0511" in client.get(todo.url).content.decode() or client.get(todo.url)
    url = reverse("members:interested_act", args=[one.pk, "gesprochen"])
    client.post(url)
    assert [t for t in todos.todos_for(world.user("ansprechperson")) if t.kind == "interest"] == []
    assert "gesprochen" in client.get(reverse("members:interested_list")).content.decode()


def interested(world, role):
    found = todos.todos_for(world.user(role))
    return [todo.title for todo in found if todo.kind == "interest"]


@pytest.mark.parametrize(
    ("days", "tried", "told"), [(13, None, 0), (14, None, 1), (20, 13, 0), (30, 14, 1)]
)
def test_who_waits_for_two_weeks_is_on_the_offices_list_too(world, days, tried, told):
    now = clock.now()
    one = make_interest()
    Interest.objects.filter(pk=one.pk).update(
        confirmed_at=now - timedelta(days=days),
        tried_on=None if tried is None else clock.today() - timedelta(days=tried),
    )
    assert (len(interested(world, "ansprechperson")), len(interested(world, "deputy"))) == (1, 0)
    assert len(interested(world, "staff")) == told
    if told:
        assert interested(world, "staff") == [
            "Ida interessiert sich und wartet noch auf einen Anruf"
        ]
    Interest.objects.filter(pk=one.pk).update(talked_on=clock.today())
    assert interested(world, "staff") == []


def test_where_the_place_is_unclear_the_office_is_told(world):
    make_interest(plz="30449")
    kinds = [t.kind for t in todos.todos_for(world.user("staff"))]
    assert kinds.count("interest") == 1


def test_every_night_somebody_is_responsible_again(world):
    one = make_interest()
    world.person("ansprechperson").aemter.update(ended_at=clock.now())
    tasks.new_day()
    one.refresh_from_db()
    assert one.responsible == world.person("deputy")


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("ansprechperson", True),
        ("vorsitz", True),
        ("staff", True),
        ("foreign_ansprechperson", False),
        ("member", False),
        ("coordinator", False),
        ("bezirk", False),
    ],
)
def test_who_sees_an_interested_person(world, role, sees):
    one = make_interest()
    user = world.user(role)
    assert Interest.objects.visible_to(user).filter(pk=one.pk).exists() is sees
    assert Person.objects.visible_to(user).filter(pk=one.person_id).exists() is sees


def test_becoming_an_applicant_keeps_person_topics_and_consent(world, client_as):
    one = make_interest()
    data = {"applied_on": clock.today(), "kind": "youth"}
    answer = client_as("ansprechperson").post(reverse("members:interested", args=[one.pk]), data)
    made = Membership.objects.get(person=one.person)
    assert answer.url == reverse("members:admission", args=[made.pk])
    assert (made.kind, made.joined_on) == ("youth", None)
    one.refresh_from_db()
    assert one.state == "joined"
    assert consents.holds(one.person_id, "interest")
    assert admissions.apply(one.person, clock.today(), "member", world.person("staff")) == made


def test_the_export_knows_an_interested_person_again(world):
    one = make_interest()
    content = rows(f"9001;Ida;Zzinteressiert;;30989;{clock.today():%d.%m.%Y};;Gehrden")
    run = imports.stage(content, world.person("staff"))
    (row,) = run.rows.filter(verdict="same")
    choice = imports.Choice("same", one.person_id)
    imports.decide_lookalikes(run, {row.pk: choice}, world.person("staff"))
    run.refresh_from_db()
    imports.apply(run, world.person("staff"))
    one.refresh_from_db()
    assert (one.state, one.person.memberships.get().number) == ("joined", "9001")
    assert consents.holds(one.person_id, "interest")
    assert Onboarding.objects.filter(person=one.person).count() == 1


@pytest.mark.parametrize("by", ["link", "phone"])
def test_doch_nicht_deletes_everything(world, client_as, by):
    one = make_interest()
    drain()
    if by == "link":
        assert "gelöscht" in Client().post(link(one), {"tun": "loeschen"}).content.decode()
    else:
        url = reverse("members:interested_act", args=[one.pk, "loeschen"])
        client_as("ansprechperson").post(url)
    assert Person.objects.filter(email=ADDRESS).exists() is False
    assert Interest.objects.count() == 0
    assert Consent.objects.get().withdrawn_at  # the proof stays as an id that is nobody's
    assert OutgoingMail.objects.filter(address=ADDRESS).exists() is False
    assert Client().get(link(one)).status_code == 404


def test_after_the_application_a_link_cannot_delete_any_more(world):
    one = make_interest()
    admissions.apply(one.person, clock.today(), "member", world.person("staff"))
    page = Client().post(link(one), {"tun": "loeschen"}).content.decode()
    assert "Antrag auf Mitgliedschaft ist schon eingetragen" in page
    assert Person.objects.filter(email=ADDRESS).count() == 1


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [("new", 6, True), ("new", 8, False), ("held", 29, True), ("held", 31, False),
     ("closed", 88, True), ("closed", 93, False)],
)  # fmt: skip
def test_what_nobody_needs_is_deleted(world, state, days, stays):
    interest.ask(asked(doubt="trap" if state == "held" else ""))
    drain()
    if state == "closed":
        Interest.objects.update(state="closed", closed_on=clock.today())
    with time_machine.travel(clock.now() + timedelta(days=days)):
        tonight("interest.unconfirmed", "interest.held", "interest.closed")
    assert Interest.objects.exists() is stays
    assert OutgoingMail.objects.filter(address=ADDRESS).exists() is (stays and state != "held")
    assert InterestMark.objects.count() == 1


def test_staff_let_a_human_through_and_throw_machines_away(world, client_as):
    for number in range(3):
        interest.ask(asked(email=f"a{number}@example.org", doubt="fast"))
    client = client_as("staff")
    assert [t.kind for t in todos.todos_for(world.user("staff"))].count("interest-held") == 1
    first, *others = Interest.objects.order_by("email")
    client.post(
        reverse("members:interest_held_act", args=["freigeben"]), {"anfrage": str(first.pk)}
    )
    assert mails() == [(interest.CONFIRM, "a0@example.org")]
    chosen = [str(one.pk) for one in others] + ["x", "f" * 36]
    client.post(reverse("members:interest_held_act", args=["verwerfen"]), {"anfrage": chosen})
    assert list(Interest.objects.values_list("state", flat=True)) == ["new"]
