import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Contact, Onboarding
from members.queries.newcomers import LISTS, heute, newcomers
from members.services import onboarding as service
from members.services import welcome
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from portal.dashboards import queries
from tests.world import make_newcomer


@pytest.fixture
def gehrden(world):
    Onboarding.objects.all().delete()
    return world.gliederung("Gehrden")


def called(day):
    return [onboarding.person.family_name for onboarding in day.calls]


def log(onboarding, person, result=Contact.Result.REACHED):
    service.log_contact(onboarding, person, service.Talk("call", result, uuid.uuid4()))


def test_due_first_and_never_more_than_three(world, gehrden):
    for days in (3, 20, 22, 25, 27):
        make_newcomer(f"Tag{days:02}", gehrden, days=days)
    assert called(heute(world.user("ansprechperson"))) == ["Tag27", "Tag25", "Tag22"]


def test_a_new_arrival_is_on_the_list_in_its_first_week(world, gehrden):
    make_newcomer("Frisch", gehrden, days=2)
    assert called(heute(world.user("ansprechperson"))) == ["Frisch"]
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert called(heute(world.user("ansprechperson"))) == []


def test_after_three_talks_it_is_enough_for_this_week(world, gehrden):
    user = world.user("ansprechperson")
    everyone = [make_newcomer(f"Tag{days}", gehrden, days=days) for days in (21, 22, 23, 24, 25)]
    monday = clock.now() - timedelta(days=clock.today().weekday())
    with time_machine.travel(monday + timedelta(days=1)):
        for onboarding in everyone[:3]:
            log(onboarding, user.person)
        day = heute(user)
        assert (day.calls, day.more_wait) == ([], True)
    with time_machine.travel(monday + timedelta(days=7)):
        assert len(heute(user).calls) == 2


def test_whoever_was_tried_today_is_not_shown_again_today(world, gehrden):
    user = world.user("ansprechperson")
    onboarding = make_newcomer("Versucht", gehrden, days=25)
    log(onboarding, user.person, Contact.Result.NOT_REACHED)
    assert called(heute(user)) == []
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert called(heute(user)) == ["Versucht"]


def test_the_date_of_the_next_call_is_named(world, gehrden):
    onboarding = make_newcomer("Neu", gehrden, days=10)
    user = world.user("ansprechperson")
    log(onboarding, user.person)
    day = heute(user)
    assert day.next_on == onboarding.milestones.get(code="zweitkontakt").due_on


def test_nobody_called_puts_the_newcomer_on_the_deputys_list(world, gehrden):
    onboarding = make_newcomer("Vergessen", gehrden, days=60)
    assert called(heute(world.user("deputy"))) == []
    service.ask_for_call(onboarding)
    assert called(heute(world.user("deputy"))) == ["Vergessen"]
    assert called(heute(world.user("foreign_ansprechperson"))) == []


# --- Every number on the Übersicht is the length of its list ----------------------------------


@pytest.fixture
def mixed(world, gehrden):
    """Situations that differ, so that no two lists are the same by chance."""
    uetze, springe = world.gliederung("Uetze"), world.gliederung("Springe")
    reached = make_newcomer("Erreicht", gehrden, days=20)
    log(reached, world.person("ansprechperson"))
    overdue = make_newcomer("Faellig", uetze, days=100)
    overdue.milestones.update(due_on=clock.today() - timedelta(days=1))
    service.settle(overdue)
    make_newcomer("Ohne", springe, days=5)
    letter = make_newcomer("Brief", gehrden, days=5, email="")
    welcome.queue_welcomes([letter])
    asked = make_newcomer("Gefragt", uetze, days=30)
    service.ask_for_call(asked)
    failing = make_newcomer("Kaputt", gehrden, days=6)
    now = clock.now()
    for onboarding, channel, state in ((failing, "mail", "failed"), (reached, "mail", "sent")):
        OutgoingMail.objects.create(
            kind="members.welcome",
            channel=channel,
            recipient_key=onboarding.person_id,
            address="x@example.org",
            dedupe_key=str(onboarding.pk),
            message_id=str(onboarding.pk),
            state=state,
            created_at=now,
            not_before=now,
            sent_at=now if state == "sent" else None,
        )


@pytest.mark.parametrize("code", list(LISTS))
def test_each_tile_counts_the_list_it_links_to(world, mixed, client_as, code):
    number = queries.overview(world.user("staff")).numbers[code]
    response = client_as("staff").get(reverse("members:newcomers"), {"liste": code})
    assert response.context["paginator"].count == number


def test_the_lists_hold_whom_they_say(world, mixed):
    staff = world.user("staff")
    found = {code: {o.person.family_name for o in newcomers(staff, code)} for code in LISTS}
    everybody = {"Erreicht", "Faellig", "Ohne", "Brief", "Gefragt", "Kaputt"}
    assert found == {
        "alle": everybody,
        "wieder-dabei": set(),
        "gefragt": {"Gefragt"},
        "faellig": {"Faellig"},
        "erreicht": {"Erreicht"},
        "offen": everybody - {"Erreicht"},
        "ohne-ansprechperson": {"Ohne"},
        "ohne-mentor": everybody,
        "mail-fehler": {"Kaputt"},
        "brief": {"Brief"},
        "nicht-erreicht": set(),
    }


def test_overdue_is_what_was_due_yesterday(world, mixed):
    with time_machine.travel(clock.now() + timedelta(days=40)):
        late = {o.person.family_name for o in newcomers(world.user("staff"), "faellig")}
    assert late == {"Faellig", "Ohne", "Brief", "Gefragt", "Kaputt"}


def test_the_call_list_names_ortsvereine_that_need_a_call(world, mixed):
    overview = queries.overview(world.user("staff"))
    assert [(row.name, row.asked, row.without_contact) for row in overview.rows] == [
        ("Uetze", 1, 0),
        ("Springe", 0, 1),
    ]
    assert overview.quiet == 1


def test_an_ortsverein_on_the_call_list_leads_to_its_newcomers(world, mixed, client_as):
    for row in queries.overview(world.user("staff")).rows:
        response = client_as("staff").get(reverse("members:newcomers"), {"ov": row.pk})
        assert response.context["paginator"].count == row.newcomers


def test_logging_a_talk_changes_the_number_staff_see(world, gehrden, client_as):
    onboarding = make_newcomer("Neu", gehrden, days=20)
    before = queries.overview(world.user("staff")).numbers["erreicht"]
    client_as("ansprechperson").post(
        reverse("members:log_contact", args=[onboarding.pk]),
        {"result": "reached", "submit_token": uuid.uuid4()},
    )
    assert queries.overview(world.user("staff")).numbers["erreicht"] == before + 1
