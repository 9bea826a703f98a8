"""Taking an import back never takes a human's work with it, nor leaves half a person behind."""

import threading
import time

from django.db import connection

from members.models import Onboarding, Person, User
from members.services import imports, invitations, welcome
from members.services.imports import Choice
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox import desk
from portal.common.scope import scope
from tests.members.exports import joined, rows, take_over
from tests.world import make_person

ROW = f"77;Jana;Neu;jana@example.org;30989;{joined(5)};;Gehrden"


def undone(run, by):
    imports.order_undo(run, by)
    imports.carry_out_undo(run.pk)
    run.refresh_from_db()
    return run


def test_who_accepts_an_invitation_meanwhile_waits_and_finds_it_gone(live_world, monkeypatch):
    run = take_over(rows(ROW))
    person = Person.objects.get(family_name="Neu")
    invitation = invitations.ensure_invitation(person)
    answers, threads = [], []
    original = welcome.forget_unsent

    def accept():
        try:
            with scope("system:test"):
                invitations.accept(invitation, "ein langes passwort hier")
                answers.append("in")
        except invitations.InvitationInvalid as refusal:
            answers.append(str(refusal))
        finally:
            connection.close()

    def meanwhile(people):
        threads.append(threading.Thread(target=accept))
        threads[0].start()
        time.sleep(0.5)
        assert answers == []
        original(people)

    monkeypatch.setattr(welcome, "forget_unsent", meanwhile)
    assert undone(run, live_world.person("staff")).undo_report["deleted"] == 1
    threads[0].join(10)

    assert answers == ["Diese Einladung gilt nicht mehr."]
    assert not User.objects.filter(email="jana@example.org").exists()


def test_whoever_was_invited_by_hand_stays(world):
    run = take_over(rows(ROW))
    person = Person.objects.get(family_name="Neu")
    invitations.send(person, world.person("staff"))

    assert undone(run, world.person("staff")).undo_report["kept"] == {"von Hand bearbeitet": 1}
    assert Person.objects.filter(pk=person.pk).exists()


def test_a_clock_that_began_with_a_recognised_membership_stops_with_it(world):
    staff = world.person("staff")
    person = make_person(
        "Zzhand", world.gliederung("Gehrden"), plz="30989", email="kim@example.org"
    )
    run = imports.stage(rows(f"4711;Kim;Zzhand;kim@example.org;30989;{joined(5)};;Gehrden"), None)
    imports.decide_lookalikes(run, {run.rows.get().pk: Choice("same", person.pk)}, staff)
    run.refresh_from_db()
    run = imports.apply(run, None)
    assert Onboarding.objects.filter(person=person).count() == 1

    undone(run, staff)
    assert Onboarding.objects.filter(person=person).count() == 0
    assert OutgoingMail.objects.filter(recipient_key=person.pk).count() == 0
    assert not Person.objects.visible_to(world.user("ansprechperson")).filter(pk=person.pk)


def test_a_printed_letter_is_not_written_again(world):
    line = f"77;Jana;Neu;;30989;{joined(5)};;Gehrden"
    run, staff = take_over(rows(line)), world.person("staff")
    OutgoingMail.objects.update(not_before=clock.now())
    letter = OutgoingMail.objects.get(channel="letter")
    desk.print_letters([letter.pk], staff.pk)

    undone(run, staff)
    take_over(rows(line))

    assert OutgoingMail.objects.get(channel="letter").pk == letter.pk
