"""After an exit: one attempt within 28 days, by the office, and never a second one (B10, R33)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Membership, Onboarding, Person
from members.queries import win_back as queries
from members.services import exits, win_back
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox import kinds, services
from portal.common.outbox.models import OutgoingMail
from portal.common.todos import todos_for
from tests.world import make_newcomer

Reason, Way = Membership.LeftReason, Membership.WinBack


def leaves(world, name="Geht", reason=Reason.WISH, **values):
    person = make_newcomer(name, world.gliederung("Gehrden"), **values).person
    exits.record_exit(person, clock.today(), reason, world.person("staff"))
    return Membership.objects.get(person=person)


def open_names():
    return [m.person.family_name for m in queries.still_open().select_related("person")]


def step(client_as, membership, name):
    url = reverse("members:win_back_note", args=[membership.pk, name])
    return client_as("staff").post(url, follow=True).content.decode()


@pytest.mark.parametrize("reason", Reason.values)
def test_only_who_went_by_themselves_is_asked(world, reason):
    leaves(world, reason=reason)
    asked = reason not in (Reason.DEATH, Reason.EXPELLED, Reason.REFUSED)
    assert open_names() == (["Geht"] if asked else [])


def test_after_28_days_it_disappears_by_itself(world):
    leaves(world)
    with time_machine.travel(clock.now() + timedelta(days=28)):
        assert open_names() == ["Geht"]
    with time_machine.travel(clock.now() + timedelta(days=29)):
        assert open_names() == []


@pytest.mark.parametrize("name", ["angerufen", "nicht-noetig"])
def test_one_attempt_is_noted_and_can_be_taken_back(world, client_as, name):
    membership = leaves(world)
    assert "28 Tage" in client_as("staff").get(reverse("members:win_back")).content.decode()
    step(client_as, membership, name)
    membership.refresh_from_db()
    assert (membership.win_back_on, membership.win_back_by) == (
        clock.today(),
        world.person("staff"),
    )
    assert open_names() == []
    assert "nur einen Versuch" in step(client_as, membership, "geschrieben")
    assert OutgoingMail.objects.filter(kind=win_back.WIN_BACK).count() == 0
    step(client_as, membership, "zuruecknehmen")
    assert open_names() == ["Geht"]


def test_there_is_never_a_second_attempt(world):
    membership = leaves(world)
    win_back.note(membership, Way.CALLED, world.person("staff"))
    person = membership.person
    with time_machine.travel(clock.now() + timedelta(days=40)):
        Membership.objects.create(
            person=person, number="M-again", joined_on=clock.today(), first_seen_on=clock.today()
        )
        exits.record_exit(person, clock.today(), Reason.WISH, world.person("staff"))
        assert open_names() == []


def test_the_mail_leaves_once_and_only_while_it_is_wanted(world, client_as, settings):
    settings.WELCOME_HOLD_MINUTES = 15
    membership = leaves(world)
    step(client_as, membership, "geschrieben")
    mail = OutgoingMail.objects.get(kind=win_back.WIN_BACK)
    kind = kinds.get(mail.kind)
    assert services.refusal(mail, kind) is None
    assert mail.not_before > clock.now()
    with time_machine.travel(clock.now() + timedelta(days=29)):
        assert "28 Tage vorbei" in services.refusal(mail, kind)
    Person.objects.filter(pk=membership.person_id).update(no_contact_since=clock.today())
    assert "möchte keinen Kontakt" in services.refusal(mail, kind)
    Person.objects.filter(pk=membership.person_id).update(no_contact_since=None)
    step(client_as, membership, "zuruecknehmen")
    mail.refresh_from_db()
    assert mail.state == OutgoingMail.State.DROPPED
    step(client_as, membership, "geschrieben")
    assert OutgoingMail.objects.filter(kind=win_back.WIN_BACK, state="queued").count() == 1


def test_a_mail_that_has_left_is_not_taken_back(world):
    membership = leaves(world)
    win_back.note(membership, Way.WRITTEN, world.person("staff"))
    OutgoingMail.objects.filter(kind=win_back.WIN_BACK).update(state="sent", sent_at=clock.now())
    with pytest.raises(DomainError, match="schon unterwegs"):
        win_back.undo(membership, world.person("staff"))


def test_who_has_no_address_is_called(world):
    membership = leaves(world, email="")
    with pytest.raises(DomainError, match="weder E-Mail noch Anschrift"):
        win_back.note(membership, Way.WRITTEN, world.person("staff"))
    assert open_names() == ["Geht"]


def test_who_objects_or_comes_back_is_left_alone(world):
    membership = leaves(world)
    Person.objects.filter(pk=membership.person_id).update(no_contact_since=clock.today())
    assert open_names() == []
    Person.objects.update(no_contact_since=None)
    exits.reverse_exit(membership.person, world.person("staff"))
    assert open_names() == []


def test_it_is_one_item_for_the_office_and_nobody_elses(world, client_as):
    for name in ("GehtA", "GehtB"):
        leaves(world, name)
    (todo,) = [t for t in todos_for(world.user("staff")) if t.kind == "win-back"]
    assert todo.title == "2 sind ausgetreten: einmal nachfragen"
    assert todo.due_on == clock.today() + timedelta(days=28)
    kinds_seen = {t.kind for t in todos_for(world.user("ansprechperson"))}
    assert "win-back" not in kinds_seen
    assert client_as("ansprechperson").get(reverse("members:win_back")).status_code == 403


def test_a_death_stops_everything_at_once(world):
    membership = leaves(world)
    win_back.note(membership, Way.WRITTEN, world.person("staff"))
    Membership.objects.filter(pk=membership.pk).update(has_ended=False, left_on=None)
    Onboarding.objects.filter(person=membership.person_id).update(state="running")
    exits.record_exit(membership.person, clock.today(), Reason.DEATH, world.person("staff"))
    assert {m.state for m in OutgoingMail.objects.filter(recipient_key=membership.person_id)} == {
        "dropped"
    }
    onboarding = Onboarding.objects.get(person=membership.person_id)
    assert (onboarding.state, onboarding.next_due_on) == ("closed", None)
    assert not onboarding.milestones.open().exists()
