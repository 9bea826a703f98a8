"""Take an import back for a day, and import again without a second welcome."""

from datetime import timedelta

import pytest
import time_machine

from members.models import (
    Contact,
    Gliederung,
    ImportChange,
    ImportRun,
    Membership,
    Mentor,
    Onboarding,
    Person,
    Transfer,
)
from members.services import imports, transfers, tree
from members.services import onboarding as onboarding_service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox.models import OutgoingMail
from tests.members.exports import counts, joined, rows, take_over
from tests.retention_help import tonight
from tests.world import make_mentor, make_user

State = ImportRun.State


def new(number="77", family="Neu", mail="jana@example.org", plz="30989", place="Gehrden", left=""):
    return f"{number};Jana;{family};{mail};{plz};{joined(5)};{left};{place}"


def undo(run, by):
    imports.order_undo(run, by)
    imports.carry_out_undo(run.pk)
    run.refresh_from_db()
    return run


def state_of(*models):
    """Everything in these tables, to be compared."""
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_undo_then_import_again_sends_no_second_welcome(world):
    file = rows(new(), new("78", "Zwei", "zwei@example.org"))
    run = take_over(file)
    sent, _ = OutgoingMail.objects.order_by("dedupe_key")
    OutgoingMail.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())

    undo(run, world.person("staff"))

    assert run.state == State.UNDONE
    assert run.undo_report == {"deleted": 2, "restored": 0, "kept": {}, "newer": 0}
    assert Membership.objects.filter(number__in=["77", "78"]).exists() is False
    assert list(OutgoingMail.objects.values_list("pk", flat=True)) == [sent.pk]

    assert counts(take_over(file)) == {"new": 2}
    mails = OutgoingMail.objects.values_list("dedupe_key", "state").order_by("dedupe_key")
    assert list(mails) == [("members.welcome:77", "sent"), ("members.welcome:78", "queued")]


@pytest.mark.parametrize("state", ["sending", "uncertain"])
def test_a_welcome_that_may_have_left_counts_as_sent(world, state):
    file = rows(new())
    run = take_over(file)
    OutgoingMail.objects.update(state=state)
    undo(run, world.person("staff"))
    take_over(file)
    assert OutgoingMail.objects.get().state == state


def test_a_letter_not_yet_ticked_is_written_again(world):
    file = rows(new(mail=""))
    first = take_over(file)
    undo(first, world.person("staff"))
    assert OutgoingMail.objects.count() == 0
    take_over(file)
    assert (OutgoingMail.objects.get().channel, OutgoingMail.objects.get().state) == (
        "letter",
        "queued",
    )


def test_everything_is_as_before_when_nothing_has_happened_since(world):
    take_over(
        rows(
            new("77", "Umzug"), new("78", "Weg"), new("79", "Anders"), new("80", "Zurueck", left="")
        )
    )
    take_over(rows(new("80", "Zurueck", left=joined(1))))
    ImportChange.objects.all().delete()
    make_mentor("Pate", world.gliederung("Gehrden"))
    weg = Person.objects.get(family_name="Weg")
    Mentor.objects.create(person=weg, prepared_on=clock.today(), active_from=clock.today())
    tables = (Person, Membership, Onboarding, Mentor, Transfer)
    before = state_of(*tables)
    run = take_over(
        rows(
            new("77", "Umzug", plz="31311", place="Uetze"),
            new("78", "Weg", left=joined(0)),
            new("79", "Andersen", "neu@example.org"),
            new("80", "Zurueck"),
            new("81", "Ganzneu", "ganz@example.org"),
        )
    )
    assert counts(run) == {"moved": 1, "left": 1, "changed": 2, "new": 1}
    assert Transfer.objects.get().state == Transfer.State.DONE
    assert state_of(*tables) != before

    undo(run, world.person("staff"))

    assert run.undo_report == {"deleted": 1, "restored": 4, "kept": {}, "newer": 0}
    assert state_of(*tables) == before
    assert ImportChange.objects.filter(run=run).count() == 0


def test_who_met_a_human_since_stays_and_is_counted(world):
    run = take_over(
        rows(
            new("77", "Gespräch"),
            new("78", "Login", "login@example.org"),
            new("79", "Still", "still@example.org"),
            new("80", "Ortlos", plz="30449", place=""),
        )
    )
    spoken = Onboarding.objects.get(person__family_name="Gespräch")
    talk = onboarding_service.Talk("call", "not_reached", spoken.pk)
    onboarding_service.log_contact(spoken, world.person("ansprechperson"), talk)
    make_user(Person.objects.get(family_name="Login"), second_factor=False)
    undecided = Person.objects.get(family_name="Ortlos")
    imports.decide_gliederung(undecided, world.gliederung("Springe"), world.person("staff"))

    undo(run, world.person("staff"))

    assert run.undo_report["deleted"] == 1
    assert run.undo_report["kept"] == {
        "Gespräch eingetragen": 1,
        "hat sich angemeldet": 1,
        "von Hand bearbeitet": 1,
    }
    assert Person.objects.filter(family_name="Still").exists() is False
    assert Contact.objects.count() == 1
    assert OutgoingMail.objects.filter(recipient_key=spoken.person_id).count() == 1


def test_a_value_that_was_corrected_since_is_not_overwritten(world):
    take_over(rows(new()))
    run = take_over(rows(new(mail="import@example.org", plz="30982")))
    Person.objects.filter(family_name="Neu").update(email="hand@example.org")
    undo(run, world.person("staff"))
    person = Person.objects.get(family_name="Neu")
    assert (person.email, person.plz) == ("hand@example.org", "30989")
    assert run.undo_report["newer"] == 1


def test_only_the_last_import_that_touched_these_people_can_be_taken_back(world):
    first = take_over(rows(new()))
    second = take_over(rows(new(mail="anders@example.org")))
    with pytest.raises(DomainError, match="späteren"):
        imports.order_undo(first, world.person("staff"))
    undo(second, world.person("staff"))
    first.refresh_from_db()
    assert undo(first, world.person("staff")).state == State.UNDONE
    assert Person.objects.filter(family_name="Neu").exists() is False


def test_an_import_about_other_people_does_not_stand_in_the_way(world):
    first = take_over(rows(new()))
    take_over(rows(new("78", "Andere", "andere@example.org")))
    assert undo(first, world.person("staff")).undo_report["deleted"] == 1
    assert Person.objects.filter(family_name="Andere").exists()


def test_after_a_day_the_way_back_is_closed_and_forgotten(world):
    run = take_over(rows(new()))
    with time_machine.travel(clock.now() + timedelta(hours=23)):
        assert tonight("import.changes") == {}
        assert imports.undo_refusal(run) is None
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        with pytest.raises(DomainError, match="24 Stunden"):
            imports.order_undo(run, world.person("staff"))
        assert tonight("import.changes") == {"import.changes": 1}
    assert Person.objects.filter(family_name="Neu").exists()


def test_taking_back_twice_changes_nothing_more(world):
    run = take_over(rows(new()))
    undo(run, world.person("staff"))
    report = run.undo_report
    take_over(rows(new()))
    undo(run, world.person("staff"))
    assert run.undo_report == report
    assert Person.objects.filter(family_name="Neu").exists()


def test_the_log_of_a_run_holds_no_personal_data(world):
    run = undo(take_over(rows(new(family="Zzgeheim"))), world.person("staff"))
    stored = str(ImportRun.objects.filter(pk=run.pk).values().get())
    assert [word for word in ("Zzgeheim", "jana@", "Jana", "30989") if word in stored] == []
    assert run.rows.count() + run.changes.count() == 0


@pytest.mark.parametrize("successor", ["Springe", None])
def test_people_go_back_to_what_their_ortsverein_has_become(world, successor):
    staff = world.person("staff")
    take_over(rows(new()))
    run = take_over(rows(new(plz="31311", place="Uetze")))
    if successor:
        tree.merge(world.gliederung("Gehrden"), world.gliederung("Springe"), staff)
    else:
        Gliederung.objects.filter(name="Gehrden").update(closed_on=clock.today())

    undo(run, staff)

    person = Person.objects.get(family_name="Neu")
    assert (person.gliederung.name, person.plz) == (successor or "Uetze", "30989")
    assert run.undo_report["newer"] == (0 if successor else 1)


def test_a_change_both_were_agreeing_on_goes_on_where_the_merger_leads(world):
    staff = world.person("staff")
    take_over(rows(new()))
    person = Person.objects.get(family_name="Neu")
    transfers.start(person, world.gliederung("Uetze"), staff, gives=True)
    run = take_over(rows(new(plz="31311", place="Uetze")))
    tree.merge(world.gliederung("Gehrden"), world.gliederung("Springe"), staff)

    undo(run, staff)

    transfer = Transfer.objects.select_related("from_gliederung", "to_gliederung").get()
    ends = (transfer.from_gliederung.name, transfer.to_gliederung.name)
    assert (transfer.state, *ends) == ("given", "Springe", "Uetze")
