"""Exits entered by hand: on their day, put right, and silence after a death (B10)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members import tasks
from members.models import Membership, Onboarding
from members.queries import win_back as queries
from members.services import exits, imports, welcome, win_back
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox import kinds, services
from portal.common.outbox.models import OutgoingMail
from tests.members.exports import counts, joined, rows, take_over
from tests.world import make_newcomer, make_person

WISH, DEATH = Membership.LeftReason.WISH, Membership.LeftReason.DEATH


@pytest.fixture
def newcomer(world):
    found = make_newcomer("Geht", world.gliederung("Gehrden"))
    welcome.queue_welcomes([found])
    return found


def membership_of(onboarding):
    return Membership.objects.get(person=onboarding.person_id)


def test_an_exit_in_the_future_waits_for_its_day(world, newcomer, client_as):
    leaves = clock.today() + timedelta(days=20)
    exits.record_exit(newcomer.person, leaves, WISH, world.person("staff"))
    assert membership_of(newcomer).has_ended is False
    sheet = client_as("ansprechperson").get(reverse("members:newcomer", args=[newcomer.pk]))
    assert "Austritt am" in sheet.content.decode()
    page = client_as("staff").get(reverse("members:person", args=[newcomer.person_id]))
    assert "eigener Wunsch" in page.content.decode()
    with time_machine.travel(clock.now() + timedelta(days=19)):
        tasks.new_day()
        assert membership_of(newcomer).has_ended is False
    with time_machine.travel(clock.now() + timedelta(days=20)):
        tasks.new_day()
        assert membership_of(newcomer).has_ended is True
        newcomer.refresh_from_db()
        assert newcomer.state == Onboarding.State.CLOSED


def test_an_exit_today_holds_at_once_and_can_be_put_right(world, newcomer, client_as):
    client = client_as("staff")
    form = {"day": clock.today().isoformat(), "reason": WISH}
    client.post(reverse("members:exit", args=[newcomer.person_id]), form)
    newcomer.refresh_from_db()
    assert (membership_of(newcomer).has_ended, newcomer.state) == (True, "closed")
    client.post(reverse("members:reverse_exit", args=[newcomer.person_id]))
    newcomer.refresh_from_db()
    membership = membership_of(newcomer)
    assert (membership.left_on, membership.left_reason, membership.has_ended) == (None, "", False)
    assert newcomer.state == Onboarding.State.RUNNING
    assert {m.state for m in newcomer.milestones.all()} == {"open"}


def test_after_a_death_nothing_is_ever_sent_again(world, newcomer):
    assert OutgoingMail.objects.get().state == "queued"
    exits.record_exit(newcomer.person, clock.today(), DEATH, world.person("staff"))
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.reason) == ("dropped", "verstorben")
    # Whatever else somebody queues, of whatever kind, on whatever way.
    for kind in kinds.all_kinds():
        for channel in OutgoingMail.Channel.values:
            draft = services.Draft(
                kind.code,
                newcomer.person_id,
                "geht@example.org",
                f"{kind.code}-{channel}",
                {},
                channel=channel,
            )
            services.queue(draft)
    later = OutgoingMail.objects.filter(state="queued")
    assert later.count() == 2 * len(kinds.all_kinds())
    assert {services.refusal(mail, kinds.get(mail.kind)) for mail in later} == {"verstorben"}


def test_a_death_holds_whatever_the_next_export_says(world):
    line = "77;Jana;Tot;j@example.org;30989;{};{};Gehrden"
    take_over(rows(line.format(joined(5), "")))
    person = Membership.objects.get(number="77").person
    exits.record_exit(person, clock.today(), DEATH, world.person("staff"))
    later = f"{clock.today() + timedelta(days=30):%d.%m.%Y}"
    for left in ("", later):
        run = take_over(rows(line.format(joined(5), left)))
        assert counts(run) == {"unchanged": 1}
        assert Membership.objects.get(number="77").has_ended is True


def test_an_exit_by_hand_stays_until_the_export_knows_it(world):
    line = "77;Jana;Geht;j@example.org;30989;{};{};Gehrden"
    take_over(rows(line.format(joined(5), "")))
    person = Membership.objects.get(number="77").person
    exits.record_exit(person, clock.today(), WISH, world.person("staff"))
    run = imports.stage(rows(line.format(joined(5), "")), None)
    assert [p["field"] for p in run.rows.get().problems] == ["Austrittsdatum"]
    imports.apply(run, None)
    assert Membership.objects.get(number="77").has_ended is True
    # The export says it, and takes it back: then it is the export's.
    take_over(rows(line.format(joined(5), joined(1))))
    assert Membership.objects.get(number="77").left_reason == ""
    take_over(rows(line.format(joined(5), "")))
    assert Membership.objects.get(number="77").has_ended is False


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"day": "", "reason": "wish"}, "Austritt am"),
        ({"day": "2026-01-01", "reason": "nonsense"}, "Grund"),
        ({"day": "2999-01-01", "reason": "death"}, "Todestag"),
        ({"day": "31.02.2026", "reason": "wish"}, "Austritt am"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_stored(newcomer, client_as, form, sentence):
    answer = client_as("staff").post(reverse("members:exit", args=[newcomer.person_id]), form)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert membership_of(newcomer).left_on is None


def test_who_is_no_member_cannot_leave_and_nothing_is_there_to_put_right(world, newcomer):
    staff = world.person("staff")
    with pytest.raises(DomainError, match="kein Austritt"):
        exits.reverse_exit(newcomer.person, staff)
    with pytest.raises(DomainError, match="kein Mitglied"):
        exits.record_exit(make_person("Hilft", None), clock.today(), WISH, staff)


def test_a_death_after_an_exit_is_entered_and_stops_what_waits(world, newcomer, client_as):
    staff = world.person("staff")
    left_on = clock.today() - timedelta(days=3)
    exits.record_exit(newcomer.person, left_on, WISH, staff)
    win_back.note(membership_of(newcomer), Membership.WinBack.WRITTEN, staff)
    page = client_as("staff").get(reverse("members:exit", args=[newcomer.person_id]))
    assert "Tag oder Grund berichtigen" in page.content.decode()

    form = {"day": left_on.isoformat(), "reason": DEATH}
    client_as("staff").post(reverse("members:exit", args=[newcomer.person_id]), form)
    assert membership_of(newcomer).left_reason == DEATH
    assert queries.recently_left().count() == 0
    assert {mail.state for mail in OutgoingMail.objects.all()} == {"dropped"}

    # That was the wrong person: the reason goes back, and nobody is a member again by it.
    exits.record_exit(newcomer.person, left_on, WISH, staff)
    membership = membership_of(newcomer)
    assert (membership.left_reason, membership.has_ended) == (WISH, True)


def test_who_has_left_does_not_come_back_by_another_day(world, newcomer):
    staff = world.person("staff")
    exits.record_exit(newcomer.person, clock.today(), WISH, staff)
    with pytest.raises(DomainError, match="gilt schon"):
        exits.record_exit(newcomer.person, clock.today() + timedelta(days=9), WISH, staff)
    assert membership_of(newcomer).left_on == clock.today()


@pytest.mark.parametrize("reason", [WISH, DEATH])
def test_a_welcome_stopped_by_a_mistake_is_owed_again(world, newcomer, reason):
    staff = world.person("staff")
    exits.record_exit(newcomer.person, clock.today(), reason, staff)
    if reason == WISH:
        OutgoingMail.objects.update(state="dropped", reason="nicht mehr dabei")
    exits.reverse_exit(newcomer.person, staff)
    assert [mail.state for mail in OutgoingMail.objects.filter(kind=welcome.WELCOME)] == ["queued"]


def test_a_welcome_that_has_left_does_not_come_twice(world, newcomer):
    OutgoingMail.objects.update(state="sent", sent_at=clock.now())
    exits.record_exit(newcomer.person, clock.today(), WISH, world.person("staff"))
    exits.reverse_exit(newcomer.person, world.person("staff"))
    assert [mail.state for mail in OutgoingMail.objects.filter(kind=welcome.WELCOME)] == ["sent"]


def test_the_next_exit_may_be_asked_about_again(world, newcomer):
    staff = world.person("staff")
    exits.record_exit(newcomer.person, clock.today(), WISH, staff)
    win_back.note(membership_of(newcomer), Membership.WinBack.CALLED, staff)
    exits.reverse_exit(newcomer.person, staff)
    exits.record_exit(newcomer.person, clock.today(), WISH, staff)
    assert queries.still_open().count() == 1
