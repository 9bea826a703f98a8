"""Handing on in one tap, sharing out in one go, and taking both back (R6, B12)."""

import uuid
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Assignment, Contact, Onboarding
from members.services import absences, assignments, offices, transfers
from members.services import onboarding as service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox.models import OutgoingMail
from tests.concurrency import at_once
from tests.world import canary, make_newcomer

ORDER = ("ansprechperson", "deputy", "vorsitz", "staff", "staff_without_mfa")


def responsible(world):
    return world.onboarding("newcomer").responsible


def talk(world, role, onboarding=None):
    said = service.Talk(kind="call", result="reached", note="", submit_token=uuid.uuid4())
    service.log_contact(onboarding or world.onboarding("newcomer"), world.person(role), said)


def test_one_tap_hands_on_and_one_tap_takes_it_back(world, client_as):
    mails = OutgoingMail.objects.count()
    onboarding = world.onboarding("newcomer")
    client = client_as("ansprechperson")
    page = client.post(reverse("members:hand_on", args=[onboarding.pk]), follow=True)
    assert canary("deputy") in page.content.decode()
    assert "zu mir zurückholen" in page.content.decode()
    assert responsible(world) == world.person("deputy")
    start = client_as("newcomer").get(reverse("dashboards:mein_start")).content.decode()
    assert canary("deputy") in start
    page = client.post(reverse("members:hand_back", args=[onboarding.pk]), follow=True)
    assert "ist wieder bei dir" in page.content.decode()
    assert responsible(world) == world.person("ansprechperson")
    assert OutgoingMail.objects.count() == mails


def test_it_always_goes_to_somebody_who_has_not_handed_it_on(world):
    seen = []
    for role in ORDER:
        assert responsible(world) == world.person(role)
        seen.append(role)
        if role != ORDER[-1]:
            assignments.hand_on(world.onboarding("newcomer"), world.person(role))
    with pytest.raises(assignments.NobodyLeft, match="sonst niemand da"):
        assignments.hand_on(world.onboarding("newcomer"), world.person(ORDER[-1]))
    assert responsible(world) == world.person(ORDER[-1])
    assert tuple(seen) == ORDER


def test_only_who_is_responsible_hands_on(world):
    with pytest.raises(DomainError, match="kümmert sich schon"):
        assignments.hand_on(world.onboarding("newcomer"), world.person("deputy"))


def test_what_was_decided_survives_the_night_but_not_an_absence_or_the_office(world):
    assignments.hand_on(world.onboarding("newcomer"), world.person("ansprechperson"))
    service.find_missing_responsibles()
    assert responsible(world) == world.person("deputy")
    today = clock.today()
    absence = absences.enter(world.person("deputy"), today, today)
    assert responsible(world) == world.person("vorsitz")
    absences.end(absence)
    assert responsible(world) == world.person("deputy")
    offices.end_now(world.person("deputy").aemter.get(), world.person("staff"))
    assert responsible(world) == world.person("vorsitz")


def test_after_the_taker_has_talked_it_stays_there(world):
    onboarding = world.onboarding("newcomer")
    assignments.hand_on(onboarding, world.person("ansprechperson"))
    talk(world, "deputy")
    with pytest.raises(DomainError, match="hat sich schon um"):
        assignments.take_back(onboarding, world.person("ansprechperson"))
    assert responsible(world) == world.person("deputy")


def test_nobody_takes_back_what_went_further(world):
    onboarding = world.onboarding("newcomer")
    for role in ("ansprechperson", "deputy"):
        assignments.hand_on(onboarding, world.person(role))
    with pytest.raises(DomainError, match="inzwischen jemand anderes"):
        assignments.take_back(onboarding, world.person("ansprechperson"))


def test_after_a_move_the_new_ortsverein_looks_after_them(world):
    assignments.hand_on(world.onboarding("newcomer"), world.person("ansprechperson"))
    staff = world.person("staff")
    move = transfers.start(world.person("newcomer"), world.gliederung("Uetze"), staff, gives=True)
    transfers.take(move, staff)
    transfers.complete(move, staff)
    assert responsible(world) == world.person("foreign_ansprechperson")
    transfers.undo(move, staff)
    assert responsible(world) == world.person("deputy")
    assert world.person("newcomer").gliederung == world.gliederung("Gehrden")
    move.refresh_from_db()
    assert move.state == "withdrawn"


def test_a_move_is_not_undone_late_or_after_a_talk(world):
    staff = world.person("staff")
    move = transfers.start(world.person("newcomer"), world.gliederung("Uetze"), staff, gives=True)
    transfers.take(move, staff)
    transfers.complete(move, staff)
    with (
        time_machine.travel(clock.now() + timedelta(days=8)),
        pytest.raises(DomainError, match="sieben Tage"),
    ):
        transfers.undo(move, staff)
    talk(world, "foreign_ansprechperson")
    with pytest.raises(DomainError, match="schon jemand"):
        transfers.undo(move, staff)


def test_two_taps_at_once_hand_on_once(live_world):
    onboarding, by = live_world.onboarding("newcomer"), live_world.person("ansprechperson")

    def tap():
        with suppress(DomainError):
            assignments.hand_on(onboarding, by)

    at_once(tap, tap)
    assert Assignment.objects.count() == 1
    assert live_world.onboarding("newcomer").responsible == live_world.person("deputy")


# --- A surge ----------------------------------------------------------------------------------


def surge(world, count, place="Gehrden"):
    return [make_newcomer(f"Welle{place}{n}", world.gliederung(place)) for n in range(count)]


def share(client, rows, takers):
    data = {"neumitglied": [row.pk for row in rows], "person": [p.pk for p in takers]}
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(reverse("members:share_out"), data)
    return answer, [q for q in captured if "SAVEPOINT" not in q["sql"]]


def test_a_surge_is_shared_out_evenly_and_taken_back_as_one(world, client_as):
    rows = surge(world, 9)
    takers = [world.person(role) for role in ("deputy", "vorsitz")]
    client = client_as("ansprechperson")
    answer, _ = share(client, rows, takers)
    got = [
        Onboarding.objects.filter(responsible=taker, pk__in=[r.pk for r in rows]).count()
        for taker in takers
    ]
    assert sorted(got) == [4, 5]
    page = client.get(answer.url).content.decode()
    assert "9 Neumitglieder sind verteilt" in page
    talked = Onboarding.objects.get(pk=rows[0].pk)
    talk(world, "deputy" if talked.responsible == takers[0] else "vorsitz", talked)
    batch = Assignment.objects.first().batch
    page = client.post(reverse("members:share_undo", args=[batch]), follow=True)
    assert "Zurückgenommen: 8. 1 bleiben" in page.content.decode()
    back = Onboarding.objects.filter(responsible=world.person("ansprechperson"))
    assert back.filter(pk__in=[row.pk for row in rows]).count() == 8


def test_many_cost_as_many_questions_as_few(world, client_as):
    client = client_as("staff")
    takers = [world.person("ansprechperson"), world.person("vorsitz")]
    counts = []
    for number, place in ((2, "Gehrden"), (60, "Springe")):
        if place == "Springe":
            takers = [world.person("staff"), world.person("staff_without_mfa")]
        _, queries = share(client, surge(world, number, place), takers)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


@pytest.mark.parametrize("missing", ["neumitglied", "person"])
def test_nothing_ticked_is_said_and_what_was_ticked_stays(world, client_as, missing):
    data = {
        "neumitglied": [world.onboarding("newcomer").pk],
        "person": [world.person("deputy").pk],
    }
    del data[missing]
    url = reverse("members:share_out") + f"?ov={world.gliederung('Gehrden').pk}"
    page = client_as("ansprechperson").post(url, data)
    assert "mindestens ein" in page.content.decode()
    assert page.content.decode().count("checked") == 1
    assert Assignment.objects.count() == 0


def test_nobody_shares_out_other_peoples_newcomers_or_gives_to_strangers(world, client_as):
    client = client_as("ansprechperson")
    foreign = world.onboarding("foreign_newcomer")
    answer, _ = share(client, [foreign], [world.person("deputy")])
    assert "mindestens ein" in answer.content.decode()
    own = world.onboarding("newcomer")
    answer, _ = share(client, [own], [world.person("foreign_ansprechperson")])
    assert "gerade niemand" in answer.content.decode()
    assert canary("newcomer") in answer.content.decode()
    url = reverse("members:share_out") + f"?ov={world.gliederung('Uetze').pk}"
    assert client.get(url).status_code == 404
    assert Assignment.objects.count() == 0


def test_who_is_away_takes_nobody(world, client_as):
    today = clock.today()
    absences.enter(world.person("deputy"), today, today)
    url = reverse("members:share_out") + f"?ov={world.gliederung('Gehrden').pk}"
    page = client_as("ansprechperson").get(url).content.decode()
    assert canary("deputy") not in page
    assert canary("vorsitz") in page


def test_a_talk_of_the_past_does_not_keep_them(world):
    onboarding = world.onboarding("newcomer")
    with time_machine.travel(clock.now() - timedelta(days=3)):
        talk(world, "deputy")
    assignments.hand_on(onboarding, world.person("ansprechperson"))
    assignments.take_back(onboarding, world.person("ansprechperson"))
    assert responsible(world) == world.person("ansprechperson")
    assert Contact.objects.count() == 1
