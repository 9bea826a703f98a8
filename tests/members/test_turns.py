"""An import and people who change members take turns: nobody overwrites what the other did."""

import contextlib
import threading
import uuid
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, transaction

from members.models import Membership, Person
from members.services import entry, exits, imports, letters, master_data, tree
from members.services.imports.progress import Progress
from members.services.people import GliederungGone, lock_people, settle_in
from portal.common import clock
from portal.common.scope import scope
from tests.concurrency import at_once
from tests.members.exports import joined, rows
from tests.world import make_person

DEATH = Membership.LeftReason.DEATH


def entered(world, **values):
    values = {"family_name": "Papier", "joined_on": clock.today().isoformat()} | values
    return entry.Entry(values, world.gliederung("Gehrden"), "de", "phone", uuid.uuid4())


def form(person, **changed):
    """A valid form about somebody, with what was changed."""
    for name, value in changed.items():
        setattr(person, name, value)
    return SimpleNamespace(instance=person, changed_data=list(changed))


CHANGES = {
    "an exit": lambda w, p, by: exits.record_exit(p, clock.today(), DEATH, by),
    "an exit put right": lambda w, p, by: exits.reverse_exit(p, by),
    "the new day": lambda w, p, by: exits.end_memberships(clock.today()),
    "an entry": lambda w, p, by: entry.enter(entered(w), by),
    "a correction": lambda w, p, by: master_data.save_person(form(p, given_name="Ada"), by),
    "a postal address": lambda w, p, by: letters.save_address(p, by, "Weg 1", "30989", "Gehrden"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_changes_people_waits_for_the_import(live_world, change):
    person, staff = live_world.person("newcomer"), live_world.person("staff")
    Membership.objects.filter(person=person).update(left_on=clock.today())

    def meanwhile():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("set local lock_timeout = '200ms'")
            CHANGES[change](live_world, person, staff)

    with transaction.atomic():
        lock_people()
        with pytest.raises(OperationalError, match="lock timeout"):
            at_once(meanwhile)


def test_a_death_entered_while_an_import_runs_is_kept(live_world, monkeypatch):
    person, staff = live_world.person("newcomer"), live_world.person("staff")
    run = imports.stage(rows(f"M-newcomer;Ada;Anders;;30989;{joined(20)};;Gehrden"), None)

    def die():
        with scope("system:test"):
            exits.record_exit(person, clock.today(), DEATH, staff)
        connection.close()

    dying = threading.Thread(target=die)
    report = Progress.report

    def die_meanwhile(self, sentence, percent):
        report(self, sentence, percent)
        if percent == 60:  # planned, not yet written
            dying.start()
            dying.join(timeout=1)

    monkeypatch.setattr(Progress, "report", die_meanwhile)
    imports.apply(run, None)
    dying.join()

    membership = Membership.objects.get(person=person)
    facts = (membership.left_on, membership.left_reason, membership.has_ended)
    assert facts == (clock.today(), DEATH, True)
    assert Person.objects.get(pk=person.pk).family_name == "Anders"


def test_a_correction_writes_only_what_was_corrected(world):
    """The form was read before an import changed the rest."""
    person = world.person("member")
    Person.objects.filter(pk=person.pk).update(family_name="Zzneuername", open_question="plz")
    master_data.save_person(form(person, given_name="Ada"), world.person("staff"))
    person = Person.objects.get(pk=person.pk)
    assert (person.full_name, person.open_question) == ("Ada Zzneuername", "plz")
    assert person.sort_name == "zzneuername, ada"


def test_nobody_is_entered_into_a_gliederung_merged_away_meanwhile(world):
    wanted, staff = entered(world), world.person("staff")
    tree.merge(world.gliederung("Gehrden"), world.gliederung("Uetze"), staff)
    with pytest.raises(GliederungGone, match="gibt es nicht mehr"):
        entry.enter(wanted, staff)
    assert Person.objects.filter(pk=wanted.token).exists() is False


def test_an_entry_and_an_import_with_the_same_number_are_one_membership(live_world):
    run = imports.stage(rows(f"77;Jana;Papier;;30989;{joined(0)};;Gehrden"), None)
    staff = live_world.person("staff")

    def enter():
        with contextlib.suppress(entry.NumberTaken):
            entry.enter(entered(live_world, number="77"), staff)

    def take_over():
        with contextlib.suppress(imports.PlanChanged):
            imports.apply(run, None)

    at_once(enter, take_over)
    assert Membership.objects.filter(number="77").count() == 1


def test_who_settles_in_gets_the_kommune_only_where_nothing_knows_better(world):
    """A transfer leaves the old Kommune behind; an answered question keeps that of the PLZ."""
    gehrden, uetze = world.gliederung("Gehrden"), world.gliederung("Uetze")
    there = gehrden.kommunen.get()
    moves = make_person("Zzzieht", gehrden, kommune=there)
    known = make_person("Zzbekannt", None, kommune=there, open_question="ortsverein")
    unknown = make_person("Zzunbekannt", None, open_question="ortsverein")
    for person in (moves, known, unknown):
        settle_in(person, uetze)
        assert (person.gliederung, person.open_question) == (uetze, "")
    found = [person.kommune.short_name for person in (moves, known, unknown)]
    assert found == ["Uetze", "Gehrden", "Uetze"]
