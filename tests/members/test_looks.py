"""Who saw whom, on which day; and very many in one day are too many (T2)."""

import re
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from members import seen
from members.models import Amt, Look, LookRelease, LookStop, Person
from members.services import looks
from portal.common import clock
from portal.common.models import AuditEvent, OutgoingMail
from tests.conftest import BACKEND, pass_second_factor
from tests.world import canary, make_amt, make_newcomer, make_person, make_user

KIND = Amt.Kind


def looked_at(world, role):
    return set(
        Look.objects.filter(viewer=world.person(role)).values_list("person__family_name", flat=True)
    )


def strangers(count, start=0):
    people = [Person(family_name=f"Fremd{start + n}", sort_name="x") for n in range(count)]
    return [person.pk for person in Person.objects.bulk_create(people)]


# --- What is written down ---------------------------------------------------------------------


def test_a_page_writes_down_everybody_it_shows_once_a_day(world, client_as):
    client = client_as("ansprechperson")
    page = reverse("members:newcomer", args=[world.onboarding("newcomer").pk])
    for _ in range(2):
        assert client.get(page).status_code == 200
    look = Look.objects.get(viewer=world.person("ansprechperson"), person=world.person("newcomer"))
    assert (look.day, look.is_close, look.by_export) == (clock.today(), True, False)
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        fresh = client_as("ansprechperson")
        assert fresh.get(page).status_code == 200
    assert Look.objects.filter(person=world.person("newcomer"), is_close=True).count() == 2


def test_a_name_in_somebody_elses_row_counts_but_is_no_look_into_their_data(world, client_as):
    client_as("vorsitz").get(reverse("members:newcomers"))
    rows = dict(
        Look.objects.filter(viewer=world.person("vorsitz")).values_list(
            "person__family_name", "is_close"
        )
    )
    assert rows == {
        canary("newcomer"): True,
        canary("other_newcomer"): True,
        canary("ansprechperson"): False,
    }


def test_a_second_closer_look_on_the_same_day_is_a_close_one(world):
    viewer, newcomer = world.person("vorsitz").pk, world.person("newcomer").pk
    for close in ([], [newcomer], []):
        looks.record(viewer, [newcomer], close)
    assert list(Look.objects.values_list("is_close", flat=True)) == [True]


@pytest.mark.parametrize("role", ["newcomer", "member", "ex_officer", "bezirk", "anon"])
def test_who_holds_no_office_that_shows_others_looks_at_nobody(role, world, client_as):
    client = client_as(role)
    for name in (
        "dashboards:home",
        "dashboards:mein_start",
        "members:my_data",
        "members:newcomers",
    ):
        client.get(reverse(name))
    assert not Look.objects.exists()


def test_nobody_looks_at_themselves(world, client_as):
    client_as("ansprechperson").get(reverse("members:my_data"))
    assert canary("ansprechperson") not in looked_at(world, "ansprechperson")


def test_what_is_refused_or_leads_elsewhere_shows_nobody(world, client_as):
    client = client_as("ansprechperson")
    foreign = reverse("members:newcomer", args=[world.onboarding("foreign_newcomer").pk])
    assert client.get(foreign).status_code == 404
    own = world.onboarding("newcomer").pk
    talk = {"result": "not_reached", "submit_token": "8b0a4a70-6d2e-4f6e-9f0e-000000000001"}
    assert client.post(reverse("members:log_contact", args=[own]), talk).status_code == 302
    assert not Look.objects.exists()


def test_tasks_and_commands_collect_nothing(world):
    list(Person.objects.all())
    with seen.collect() as found:
        list(Person.objects.filter(family_name=canary("member")))
    assert found.people == {world.person("member").pk}


def test_a_look_survives_the_rollback_of_its_page(live_world):
    """The page's own transaction is over when the look is written."""
    client = signed_in(live_world, "ansprechperson")
    page = reverse("members:newcomer", args=[live_world.onboarding("newcomer").pk])
    assert client.get(page).status_code == 200
    assert looked_at(live_world, "ansprechperson") >= {canary("newcomer")}


# --- The stop -------------------------------------------------------------------------------


def test_the_two_hundredth_is_shown_and_the_next_is_not(world):
    viewer, people = world.person("ansprechperson").pk, strangers(202)
    assert looks.record(viewer, people[:199], []).is_too_many is False
    assert looks.record(viewer, people[199:201], []).is_too_many is True
    assert Look.objects.count() == 199, "of a page that is not shown nobody was seen"
    assert looks.record(viewer, people[199:200], []).is_too_many is False
    assert looks.record(viewer, people[200:201], []).is_too_many is True
    assert looks.record(viewer, people[:200], []).is_too_many is False, "who was seen stays"
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert looks.record(viewer, people[200:], []).is_too_many is False


def test_two_tabs_at_once_do_not_show_one_too_many(live_world):
    viewer, people = live_world.person("ansprechperson").pk, strangers(205)
    looks.record(viewer, people[:199], [])
    barrier, verdicts = threading.Barrier(5), []

    def tab(person):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            with transaction.atomic():
                verdicts.append(looks.record(viewer, [person], []).is_too_many)
                time.sleep(0.2)  # nobody has committed when the next one counts
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tab, args=[person]) for person in people[199:204]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(verdicts) == [False, True, True, True, True]
    assert Look.objects.count() == 200


def fill_ortsverein(world, count=210):
    for n in range(count):
        make_newcomer(f"Qx{n:03d}q", world.gliederung("Gehrden"), given_name="Ida")


def names_in(body):
    return set(re.findall(r"Qx\d{3}q", body))


def signed_in(world, role):
    client, user = Client(), world.user(role)
    client.force_login(user, backend=BACKEND)
    pass_second_factor(client, user)
    return client


def walk(client, world):
    """What a bot would open: lists, searches, details, timelines, call sheets, downloads."""
    for page in range(1, 7):
        yield client.get(reverse("members:newcomers"), {"page": page})
    for n in (1, 20):
        yield client.get(reverse("members:newcomers"), {"q": f"qx{n}"})
    yield client.get(reverse("dashboards:heute"))
    yield client.get(reverse("members:share_out"))
    yield client.get(reverse("members:interested_list"))
    found = Person.objects.filter(family_name__startswith="Qx").order_by("-sort_name")[:20]
    for person in found.prefetch_related("onboardings"):
        (arrival,) = person.onboardings.all()
        yield client.get(reverse("members:newcomer", args=[arrival.pk]))
        yield client.get(reverse("members:timeline", args=[person.pk]))
        yield client.get(reverse("members:by_phone", args=[person.pk]))
        yield client.get(reverse("members:upcoming", args=[person.pk]))


def test_a_bot_gets_at_most_200_people_over_all_channels(world, client_as):
    fill_ortsverein(world)
    client, delivered, stopped = client_as("ansprechperson"), set(), 0
    for response in walk(client, world):
        if response.status_code == 429:
            stopped += 1
            assert names_in(response.content.decode()) == set()
        else:
            delivered |= names_in(response.content.decode())
    assert stopped > 0
    assert 150 < len(delivered) <= 200
    assert len(looked_at(world, "ansprechperson")) <= 200
    alerts = OutgoingMail.objects.filter(kind=looks.STOPPED)
    told = {"staff", "staff_without_mfa", "privacy"}
    assert {mail.recipient_key for mail in alerts} == {world.person(role).pk for role in told}
    assert alerts.count() == 3, "one mail for each of them, however often it is tried"
    assert AuditEvent.objects.filter(code="looks.stopped").count() == 1


def test_the_page_says_how_many_why_and_whom_to_call(world, client_as, settings):
    settings.LOOKS_PER_DAY = 1
    response = client_as("ansprechperson").get(reverse("members:newcomers"))
    text = response.content.decode()
    assert response.status_code == 429
    for words in ("Mehr als 1 an einem Tag", "kein Vorwurf", "0511 123456"):
        assert words in text
    assert "weiterarbeiten" not in text


def test_who_was_seen_today_stays_reachable_so_that_a_talk_can_be_logged(
    world, client_as, settings
):
    client, own = client_as("ansprechperson"), world.onboarding("newcomer")
    page = reverse("members:log_contact", args=[own.pk])
    assert client.get(page).status_code == 200
    settings.LOOKS_PER_DAY = Look.objects.count()
    other = world.onboarding("other_newcomer").pk
    assert client.get(reverse("members:newcomer", args=[other])).status_code == 429
    assert client.get(page).status_code == 200
    talk = {"result": "not_reached", "submit_token": "8b0a4a70-6d2e-4f6e-9f0e-000000000001"}
    assert client.post(page, talk).status_code == 302
    assert own.contacts.count() == 1


def test_the_alert_names_office_and_place_and_nobody_who_was_seen(world, client_as, settings):
    from members.mails.looks import _stopped_context

    settings.LOOKS_PER_DAY = 1
    client_as("ansprechperson").get(reverse("members:newcomers"))
    mail = OutgoingMail.objects.filter(kind=looks.STOPPED).first()
    said = _stopped_context(mail)
    assert said["amt"] == "Ansprechperson für Neumitglieder, Ortsverein Gehrden"
    assert not any(canary("newcomer") in str(value) for value in said.values())
    assert mail.not_before <= clock.now()


def test_datenschutz_is_told_and_sees_the_stop_but_releases_nothing(world, client_as, settings):
    keeper = make_person("Hüterin", world.gliederung("Region"))
    make_amt(keeper, world.gliederung("Region"), KIND.DATENSCHUTZ)
    user = make_user(keeper, second_factor=True)
    settings.LOOKS_PER_DAY = 1
    client_as("ansprechperson").get(reverse("members:newcomers"))
    assert OutgoingMail.objects.filter(kind=looks.STOPPED, recipient_key=keeper.pk).count() == 1
    settings.LOOKS_PER_DAY = 200
    client = Client()
    client.force_login(user, backend=BACKEND)
    pass_second_factor(client, user)
    found = LookStop.objects.get()
    page = client.get(reverse("members:look_stop", args=[found.pk]))
    assert canary("ansprechperson") in page.content.decode()
    for name in ("members:look_release",):
        assert client.post(reverse(name, args=[found.pk])).status_code == 403
    settle = reverse("members:look_act", args=[found.pk, "geklaert"])
    assert client.post(settle).status_code == 403


# --- Release --------------------------------------------------------------------------------


@pytest.fixture
def stopped(world, settings):
    """The Ansprechperson of Gehrden has seen two people and may see two."""
    settings.LOOKS_PER_DAY = 2
    viewer = world.person("ansprechperson")
    people = strangers(7)
    looks.record(viewer.pk, people[:2], [])
    verdict = looks.record(viewer.pk, people[2:3], [])
    return looks.stop(viewer, verdict), people


def test_staff_release_one_step_and_a_second_person_is_told(world, client_as, stopped, settings):
    found, people = stopped
    settings.LOOKS_PER_DAY = 200
    client = client_as("staff")
    todo = client.get(reverse("dashboards:uebersicht")).content.decode()
    assert reverse("members:look_stop", args=[found.pk]) in todo
    page = reverse("members:look_release", args=[found.pk])
    short = client.post(page, {"reason": "kurz"})
    assert "ein wenig mehr" in short.content.decode()
    assert client.post(page, {"reason": "Telefonaktion am Samstag"}).status_code == 302
    settings.LOOKS_PER_DAY = 2
    viewer = world.person("ansprechperson").pk
    assert looks.record(viewer, people[2:4], []).is_too_many is False
    assert looks.record(viewer, people[4:5], []).is_too_many is True
    made = LookRelease.objects.get()
    assert made.told == world.person("staff_without_mfa")
    assert OutgoingMail.objects.get(kind=looks.RELEASED).recipient_key == made.told_id
    event = AuditEvent.objects.get(code="looks.released")
    assert (event.actor, event.fields) == (world.person("staff").pk, [])


def test_a_step_is_released_once_however_often_it_is_tapped(world, stopped):
    found, people = stopped
    staff, viewer = world.person("staff"), found.viewer
    looks.release(found, staff, "Telefonaktion am Samstag")
    with pytest.raises(looks.NotStopped):
        looks.release(found, staff, "Telefonaktion am Samstag")
    looks.record(viewer.pk, people[2:4], [])
    looks.stop(viewer, looks.record(viewer.pk, people[4:5], []))
    found.refresh_from_db()
    assert (found.most, found.settled_at) == (4, None), "stopped again: staff hear of it again"
    looks.release(found, staff, "Es ist immer noch Samstag")
    assert LookRelease.objects.count() == 2
    assert OutgoingMail.objects.filter(kind=looks.STOPPED).count() == 3, "but not by mail"


def test_yesterdays_stop_is_not_released(world, stopped):
    found, _ = stopped
    tomorrow = clock.now() + timedelta(days=1)
    with time_machine.travel(tomorrow, tick=False), pytest.raises(looks.NotStopped):
        looks.release(found, world.person("staff"), "Telefonaktion am Samstag")


def test_only_who_works_for_the_whole_district_releases_themselves(world, client_as, stopped):
    found, _ = stopped
    page = reverse("members:look_release", args=[found.pk])
    for role in ("ansprechperson", "vorsitz", "coordinator", "member"):
        answer = client_as(role).post(page, {"reason": "Telefonaktion am Samstag"})
        assert answer.status_code == 404
    assert not LookRelease.objects.exists()
    staff = world.person("staff")
    own = looks.stop(staff, looks.Verdict(2, 1, 2))
    page = reverse("members:look_release", args=[own.pk])
    answer = client_as("staff").post(page, {"reason": "Montagsrunde mit allen Ortsvereinen"})
    assert answer.status_code == 302
    assert LookRelease.objects.get().told == world.person("staff_without_mfa")


def test_without_a_second_person_nothing_is_released(world, stopped):
    found, _ = stopped
    second = [world.person(role).pk for role in ("staff_without_mfa", "privacy")]
    Amt.objects.filter(person__in=second).delete()
    with pytest.raises(looks.NoSecondPerson):
        looks.release(found, world.person("staff"), "Telefonaktion am Samstag")


def test_a_release_asks_again_who_is_there(world, client_as, stopped):
    found, _ = stopped
    client, page = client_as("staff"), reverse("members:look_release", args=[found.pk])
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        answer = client.post(page, {"reason": "Telefonaktion am Samstag"})
    assert answer.url.startswith(reverse("members:confirm"))
    assert not LookRelease.objects.exists()


def test_the_second_person_takes_note_and_staff_settle(world, client_as, stopped, settings):
    found, _ = stopped
    settings.LOOKS_PER_DAY = 200
    by = world.person("staff_without_mfa")
    made = looks.release(found, by, "Telefonaktion am Samstag")
    assert made.told == world.person("staff")
    client = client_as("staff")
    todo = client.get(reverse("dashboards:uebersicht")).content.decode()
    assert "Freigabe für" in todo
    client.post(reverse("members:look_act", args=[found.pk, "gesehen"]))
    made.refresh_from_db()
    assert made.seen_at is not None
    LookStop.objects.update(settled_at=None)
    client.post(reverse("members:look_act", args=[found.pk, "geklaert"]))
    found.refresh_from_db()
    assert found.settled_by == world.person("staff")


def test_nobody_settles_their_own_stop(world, client_as):
    own = looks.stop(world.person("staff"), looks.Verdict(2, 1, 2))
    url = reverse("members:look_act", args=[own.pk, "geklaert"])
    assert client_as("staff").post(url).status_code == 403
