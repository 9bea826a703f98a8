"""Whose data are held is the office's alone: nobody else reads of them or acts (Art. 18)."""

import pytest

from members import digest_links
from members.models import Meldung, Membership, Onboarding, Person, Transfer
from members.queries import admissions, coverage
from members.services import digests, holds
from members.services import interest as interest_service
from portal.common import clock, consents
from portal.common.todos import todos_for
from tests.members.interested import make_application, make_interest
from tests.members.test_transfers import begin
from tests.security.cells_mitmachen import meldung


def hold(world, person):
    holds.set_hold(person, "Streit", None, world.person("staff"))


def named_to(world, role):
    """Whom the ladder names to somebody today."""
    from django.db import connection

    from members.queries import reminders

    rows = "select distinct onboarding_id from told where recipient = %(who)s"
    values = reminders.parameters(clock.today()) | {"who": str(world.person(role).pk)}
    with connection.cursor() as cursor:
        cursor.execute(reminders.TOLD + rows, values)
        return {pk for (pk,) in cursor.fetchall()}


def test_no_reminder_names_them_and_no_tap_of_an_old_one_works(world):
    onboarding, contact = world.onboarding("newcomer"), world.person("ansprechperson")
    signed = digest_links.subject(contact.pk, onboarding.pk, clock.today())
    assert onboarding.pk in named_to(world, "ansprechperson")
    assert digest_links._tap(signed) is not None
    hold(world, onboarding.person)
    assert onboarding.pk not in named_to(world, "ansprechperson")
    assert digest_links._tap(signed) is None
    digests.write({contact.pk}, clock.today())
    assert str(onboarding.pk) not in str(list(contact.reminders.values_list("key", "milestone")))


def test_nobody_is_asked_whether_it_fits_because_of_them(world):
    since = clock.today() - coverage.ASK_THEM
    Onboarding.objects.update(arrived_on=since, responsible_since=since)
    waiting = coverage._waiting(coverage.ASK_YOURSELF)
    newcomer = world.person("newcomer")
    assert waiting.filter(person=newcomer).exists()
    hold(world, newcomer)
    assert not waiting.filter(person=newcomer).exists()


def the_move(world):
    transfer = begin(world)
    return transfer.person, lambda user: Transfer.objects.visible_to(user).exists()


def the_application(world):
    person = make_application("Zzantrag", world.gliederung("Gehrden"), 25).person
    return person, lambda user: admissions.visible(user).filter(person=person).exists()


def the_question(world):
    asked = meldung(world)
    found = Meldung.objects.filter(pk=asked.pk)
    return asked.person, lambda user: found.answerable_by(user).exists()


@pytest.mark.parametrize("make", [the_move, the_application, the_question])
def test_only_the_office_still_sees(world, make):
    person, sees = make(world)
    hold(world, person)
    assert sees(world.user("staff"))
    assert not sees(world.user("ansprechperson"))
    assert not sees(world.user("vorsitz"))


def todo_kinds(world, role):
    return {todo.kind for todo in todos_for(world.user(role))}


def test_lists_of_things_to_do_name_them_to_the_office_only(world):
    application = make_application("Zzantrag", world.gliederung("Gehrden"), 40)
    interest = make_interest()
    assert "admission" in todo_kinds(world, "vorsitz")
    assert "interest" in todo_kinds(world, "ansprechperson")
    for person in (application.person, interest.person):
        hold(world, person)
    assert "admission" not in todo_kinds(world, "vorsitz")
    assert "interest" not in todo_kinds(world, "ansprechperson")
    assert "admission" in todo_kinds(world, "staff")


def test_who_takes_back_their_interest_is_believed_though_nothing_may_be_deleted(world):
    interest = make_interest()
    consents.give(interest.person_id, "interest", "de", "online", interest.person_id)
    hold(world, interest.person)
    assert interest_service.erase(interest, None) is False
    interest.refresh_from_db()
    assert interest.state == "closed"
    assert consents.standing(interest.person_id, "interest", "de").given is None
    assert "interest" not in todo_kinds(world, "ansprechperson")


def test_who_objects_is_on_nobody_s_list_of_calls(world):
    interest = make_interest()
    Person.objects.filter(pk=interest.person_id).update(no_contact_since=clock.today())
    assert "interest" not in todo_kinds(world, "ansprechperson")


def test_who_holds_an_office_by_now_loses_only_the_form(world):
    from tests.world import make_amt

    interest = make_interest()
    make_amt(interest.person, world.gliederung("Gehrden"), "vertrauensperson")
    assert interest_service.erase(interest, None) is True
    assert Person.objects.filter(pk=interest.person_id).exists()
    assert not Membership.objects.filter(person=interest.person_id).exists()
