"""Applications (B6): a month to decide, reminders from day 21, and never a decision by itself."""

from datetime import date, timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse

from members import admission
from members.models import Absence, Amt, Contact, Membership, Onboarding, Person
from members.services import admissions, onboarding
from portal.common import clock, todos
from portal.common.errors import DomainError
from portal.common.models import AddressTrouble
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import drain
from tests.concurrency import at_once
from tests.members.exports import take_over
from tests.members.interested import make_application
from tests.members.test_entry import filled
from tests.retention_help import tonight
from tests.world import TOTP_SECRET, make_amt


def todo_of(user):
    found = [t for t in todos.todos_for(user) if t.kind == "admission"]
    return [(t.title, t.step) for t in found]


@pytest.mark.parametrize(
    ("applied", "last"),
    [
        ("2026-10-22", "2026-11-22"),
        ("2027-01-31", "2027-02-28"),
        ("2028-01-31", "2028-02-29"),
        ("2026-12-31", "2027-01-31"),
    ],
)
def test_the_month_ends_as_the_law_counts(applied, last):
    applied, last = date.fromisoformat(applied), date.fromisoformat(last)
    assert admission.deemed_on(applied) == last
    assert not admission.is_deemed(applied, last)
    assert admission.is_deemed(applied, last + timedelta(days=1))


@pytest.mark.parametrize("start", [date(2026, 1, 1), date(2028, 1, 1)])
def test_what_is_over_is_the_same_for_one_and_for_a_whole_table(start):
    for shift in range(400):
        today = start + timedelta(days=shift)
        since = admission.over_since(today)
        for back in range(45):
            applied = today - timedelta(days=back)
            assert admission.is_deemed(applied, today) == (applied < since), (today, applied)


@pytest.mark.parametrize(("days", "steps"), [(20, []), (21, [1]), (22, [2]), (29, [9]), (45, [25])])
def test_from_day_21_the_vorsitz_is_reminded_every_day(world, days, steps):
    make_application("Zzantrag", world.gliederung("Gehrden"), days)
    assert [step for _, step in todo_of(world.user("vorsitz"))] == steps
    assert todo_of(world.user("ansprechperson")) == []


def test_the_sentence_says_until_when_and_after_the_month_what_holds(world):
    gehrden = world.gliederung("Gehrden")
    with time_machine.travel("2026-11-22 12:00+01:00"):
        one = make_application("Zzantrag", gehrden, 23)
        two = make_application("Zzalt", gehrden, 40)
        assert {title for title, _ in todo_of(world.user("vorsitz"))} == {
            "Antrag von Kim: bitte bis 30. November entscheiden",
            "Kim gilt seit 13. November als angenommen, bitte eintragen",
        }
    assert {one.applied_on.day, two.applied_on.day} == {30, 13}


def test_without_a_vorsitz_the_office_is_reminded_and_after_the_month_in_any_case(world):
    make_application("Zzuetze", world.gliederung("Uetze"), 22)
    make_application("Zzgehrden", world.gliederung("Gehrden"), 22)
    assert len(todo_of(world.user("staff"))) == 1
    Amt.objects.filter(kind=Amt.Kind.VORSITZ).update(ended_at=clock.now())
    assert len(todo_of(world.user("staff"))) == 2


def is_away(person):
    day = clock.today()
    Absence.objects.create(person=person, first_day=day, last_day=day)


def has_no_address(person):
    Person.objects.filter(pk=person.pk).update(email="")


def has_an_address_that_rests(person):
    AddressTrouble.objects.create(
        address=person.email, recipient_key=person.pk, last_at=clock.now(), paused_at=clock.now()
    )


def has_no_login(person):
    person.user.delete()


def has_no_second_factor(person):
    person.user.authenticator_set.all().delete()


@pytest.mark.parametrize(
    "vorsitz",
    [is_away, has_no_address, has_an_address_that_rests, has_no_login, has_no_second_factor],
)
def test_where_no_vorsitz_can_be_told_the_office_is(world, vorsitz):
    make_application("Zzantrag", world.gliederung("Gehrden"), 22)
    assert todo_of(world.user("staff")) == []
    vorsitz(world.person("vorsitz"))
    assert [step for _, step in todo_of(world.user("staff"))] == [2]


def test_a_second_vorsitz_who_is_there_spares_the_office(world):
    gehrden = world.gliederung("Gehrden")
    make_application("Zzantrag", gehrden, 22)
    is_away(world.person("vorsitz"))
    make_amt(world.person("mentor"), gehrden, Amt.Kind.VORSITZ)
    TOTP.activate(world.user("mentor"), TOTP_SECRET)
    assert [step for _, step in todo_of(world.user("mentor"))] == [2]
    assert todo_of(world.user("staff")) == []


def test_when_the_month_is_over_the_office_sees_it_too(world):
    make_application("Zzgehrden", world.gliederung("Gehrden"), 40)
    assert len(todo_of(world.user("staff"))) == len(todo_of(world.user("vorsitz"))) == 1


def test_nothing_is_decided_by_itself(world):
    from members import tasks

    one = make_application("Zzantrag", world.gliederung("Gehrden"), 10)
    with time_machine.travel(clock.now() + timedelta(days=100)):
        tasks.new_day()
        tonight()
        one.refresh_from_db()
        assert (one.joined_on, one.has_ended) == (None, False)
        assert Onboarding.objects.filter(person=one.person).exists() is False
        assert OutgoingMail.objects.count() == 0


@pytest.fixture
def applied(world):
    return make_application("Zzantrag", world.gliederung("Gehrden"), 23)


def test_one_tap_makes_a_newcomer_with_clock_and_one_welcome(world, applied, client_as):
    page = client_as("vorsitz").get(reverse("members:admission", args=[applied.pk]))
    assert f'value="{clock.today():%Y-%m-%d}"' in page.content.decode()
    client_as("vorsitz").post(
        reverse("members:admission", args=[applied.pk]), {"day": clock.today()}
    )
    applied.refresh_from_db()
    assert applied.joined_on == clock.today()
    arrived = Onboarding.objects.get(person=applied.person)
    assert arrived.responsible == world.person("ansprechperson")
    assert OutgoingMail.objects.get().recipient_key == applied.person_id
    drain()
    assert OutgoingMail.objects.get().state == "sent"


def test_after_the_month_the_day_it_ended_is_proposed(world, client_as):
    late = make_application("Zzspät", world.gliederung("Gehrden"), 40)
    page = client_as("vorsitz").get(reverse("members:admission", args=[late.pk])).content.decode()
    assert f'value="{admission.deemed_on(late.applied_on):%Y-%m-%d}"' in page
    assert "als angenommen" in page


@pytest.mark.parametrize("days", [1, -30])
def test_a_day_that_cannot_be_is_refused(world, applied, client_as, days):
    day = clock.today() + timedelta(days=days)
    answer = client_as("vorsitz").post(
        reverse("members:admission", args=[applied.pk]), {"day": day}
    )
    assert "Der Eintritt kann nicht" in answer.content.decode()
    applied.refresh_from_db()
    assert applied.joined_on is None


def test_refused_ends_it_without_a_mail_and_both_can_be_taken_back(world, applied):
    chair = world.person("vorsitz")
    admissions.refuse(applied, chair)
    applied.refresh_from_db()
    assert (applied.left_reason, applied.has_ended, applied.left_on) == (
        "refused",
        True,
        clock.today(),
    )
    assert OutgoingMail.objects.count() == 0
    admissions.undo(applied, chair)
    admissions.admit(applied, clock.today(), chair)
    admissions.undo(applied, chair)
    applied.refresh_from_db()
    assert (applied.joined_on, applied.left_on, applied.has_ended) == (None, None, False)
    assert Onboarding.objects.filter(person=applied.person).exists() is False
    assert OutgoingMail.objects.count() == 0
    assert len(todo_of(world.user("vorsitz"))) == 1


def test_an_admission_stays_when_the_welcome_has_left(world, applied):
    chair = world.person("vorsitz")
    admissions.admit(applied, clock.today(), chair)
    drain()
    with pytest.raises(DomainError, match="schon unterwegs"):
        admissions.undo(applied, chair)
    assert Onboarding.objects.filter(person=applied.person).count() == 1


def test_an_admission_stays_when_somebody_has_called(world, applied):
    chair = world.person("vorsitz")
    admissions.admit(applied, clock.today(), chair)
    talk = onboarding.Talk(Contact.Kind.CALL, Contact.Result.REACHED, applied.pk)
    onboarding.log_contact(Onboarding.objects.get(person=applied.person), chair, talk)
    with pytest.raises(DomainError, match="Gespräch"):
        admissions.undo(applied, chair)
    # What was to be forgotten with it is still there.
    assert OutgoingMail.objects.filter(recipient_key=applied.person_id).count() == 1


def test_nobody_decides_about_themselves(world):
    chair = world.person("vorsitz")
    chair.memberships.update(has_ended=True, left_on=clock.today())
    own = Membership.objects.create(
        person=chair, applied_on=clock.today(), first_seen_on=clock.today()
    )
    with pytest.raises(DomainError, match="eigenen Antrag"):
        admissions.admit(own, clock.today(), chair)


def test_vorsitz_and_office_at_once_decide_once(live_world):
    applied = make_application("Zzantrag", live_world.gliederung("Gehrden"), 23)
    chair, staff = live_world.person("vorsitz"), live_world.person("staff")
    refused = []

    def admit(by):
        try:
            admissions.admit(applied, clock.today(), by)
        except admissions.AlreadyDecided:
            refused.append(by)

    at_once(lambda: admit(chair), lambda: admit(staff), lambda: admit(chair))
    assert len(refused) == 2
    assert Onboarding.objects.filter(person=applied.person).count() == 1
    assert OutgoingMail.objects.filter(recipient_key=applied.person_id).count() == 1


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("ansprechperson", True),
        ("deputy", True),
        ("vorsitz", True),
        ("staff", True),
        ("foreign_ansprechperson", False),
        ("member", False),
        ("coordinator", False),
        ("ex_officer", False),
    ],
)
def test_an_applicant_is_seen_by_the_own_ortsverein_and_the_office(world, applied, role, sees):
    visible = Person.objects.visible_to(world.user(role))
    assert visible.filter(pk=applied.person_id).exists() is sees


def test_a_refused_applicant_is_seen_by_the_office_only(world, applied):
    admissions.refuse(applied, world.person("vorsitz"))
    for role, sees in (("vorsitz", False), ("ansprechperson", False), ("staff", True)):
        visible = Person.objects.visible_to(world.user(role))
        assert visible.filter(pk=applied.person_id).exists() is sees


# --- By hand and from the export --------------------------------------------------------------


def enter(world, client_as, **values):
    return client_as("staff").post(reverse("members:enter"), filled(world, **values))


def test_an_application_on_paper_waits_without_clock_and_mail(world, client_as):
    applied_on = clock.today() - timedelta(days=3)
    answer = enter(world, client_as, joined_on="", applied_on=applied_on.isoformat())
    assert answer.status_code == 302
    membership = Membership.objects.get(person__family_name="Papier")
    assert (membership.applied_on, membership.joined_on) == (applied_on, None)
    assert OutgoingMail.objects.count() == 0
    assert Onboarding.objects.filter(person=membership.person).exists() is False


@pytest.mark.parametrize(
    ("joined", "applied", "sentence"),
    [
        (None, None, "Eintritt ein oder den Tag des Antrags"),
        (5, 3, "kann nicht vor dem Antrag liegen"),
        (None, -1, "Antragsdatum liegt in der Zukunft"),
    ],
)
def test_the_two_days_of_the_form_must_fit(world, client_as, joined, applied, sentence):
    days = {
        name: "" if ago is None else (clock.today() - timedelta(days=ago)).isoformat()
        for name, ago in (("joined_on", joined), ("applied_on", applied))
    }
    answer = enter(world, client_as, **days)
    assert (answer.status_code, sentence in answer.content.decode()) == (200, True)


@pytest.mark.parametrize("kind", ["guest", "youth", "supporter", "member"])
def test_every_kind_is_a_newcomer(world, client_as, kind):
    enter(world, client_as, kind=kind)
    assert Onboarding.objects.filter(person__family_name="Papier").count() == 1


def export(number, joined):
    head = "Mitgliedsnummer;Vorname;Nachname;PLZ;E-Mail;Antragsdatum;Eintrittsdatum;Austrittsdatum;"
    row = f"{number};Ida;Zzexport;30989;ida@example.org;01.11.2026;{joined};;Gehrden"
    return take_over(f"{head}Ortsverein\n{row}\n".encode())


@time_machine.travel("2026-11-22 12:00+01:00")
@pytest.mark.parametrize("number", ["", "4711"])
def test_a_row_with_antrag_and_without_eintritt_is_an_application(world, number):
    run = export(number, "")
    assert run.counts["rejected"] == 0
    membership = Membership.objects.get(person__family_name="Zzexport")
    assert (membership.number, membership.applied_on) == (number or None, date(2026, 11, 1))
    assert OutgoingMail.objects.count() == 0
    assert export(number, "").counts["unchanged"] == 1


@time_machine.travel("2026-11-22 12:00+01:00")
def test_eintritt_in_a_later_export_begins_the_clock(world):
    export("4711", "")
    run = export("4711", "20.11.2026")
    assert (run.counts["changed"], run.mails) == (1, 1)
    assert Onboarding.objects.get(person__family_name="Zzexport").started_on == date(2026, 11, 20)
    assert OutgoingMail.objects.count() == 1
    export("4711", "20.11.2026")
    assert OutgoingMail.objects.count() == 1


@time_machine.travel("2026-11-22 12:00+01:00")
def test_taking_that_export_back_makes_it_an_application_again(world):
    from members.services import imports
    from members.services.imports import undoing

    export("4711", "")
    run = export("4711", "20.11.2026")
    imports.order_undo(run, world.person("staff"))
    undoing.undo(run, world.person("staff"))
    assert Membership.objects.get(number="4711").joined_on is None
    assert Onboarding.objects.filter(person__family_name="Zzexport").exists() is False
    assert OutgoingMail.objects.count() == 0


@time_machine.travel("2026-11-22 12:00+01:00")
def test_who_was_refused_here_and_admitted_there_is_a_member(world):
    export("4711", "")
    membership = Membership.objects.get(number="4711")
    admissions.refuse(membership, world.person("vorsitz"))
    export("4711", "20.11.2026")
    membership.refresh_from_db()
    assert (membership.has_ended, membership.joined_on) == (False, date(2026, 11, 20))


def test_of_several_chairs_only_the_nearest_one_is_asked(world):
    """Whoever chairs the whole district hears of it where the Ortsverein has nobody (R6)."""
    make_amt(world.person("coordinator"), world.gliederung("Region"), "vorsitz")
    above = world.user("coordinator")
    make_application("Zzgehrden", world.gliederung("Gehrden"), 25)
    assert len(todo_of(world.user("vorsitz"))) == 1
    assert todo_of(above) == []
    make_application("Zzuetze", world.gliederung("Uetze"), 25)
    assert len(todo_of(world.user("coordinator"))) == 1
    assert todo_of(world.user("staff")) == []
