"""Exits, moves and what comes back: what an import does to people who are known."""

from datetime import timedelta

import time_machine

from members.models import Membership, Milestone, Onboarding, Person
from members.services import exits, welcome
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from tests.members.exports import counts, joined, rows, take_over


def test_an_exit_takes_effect_on_its_day_and_not_before(world):
    take_over(rows(f"77;Jana;Weg;j@example.org;30989;{joined(5)};;Gehrden"))
    leaves = clock.today() + timedelta(days=8)
    run = take_over(rows(f"77;Jana;Weg;j@example.org;30989;{joined(5)};{leaves:%d.%m.%Y};Gehrden"))
    assert counts(run) == {"left": 1}
    membership = Membership.objects.get(number="77")
    assert (membership.left_on, membership.has_ended) == (leaves, False)
    assert exits.end_memberships(leaves - timedelta(days=1)) == 0
    assert exits.end_memberships(leaves) == 1
    onboarding = Onboarding.objects.get(person__family_name="Weg")
    assert onboarding.state == Onboarding.State.CLOSED
    assert {m.state for m in onboarding.milestones.all()} == {Milestone.State.VOID}


def test_an_exit_the_export_forgets_again_is_reversed(world):
    stays = f"77;Jana;Irrtum;j@example.org;30989;{joined(400)};;Gehrden"
    take_over(rows(stays))
    take_over(rows(f"77;Jana;Irrtum;j@example.org;30989;{joined(400)};{joined(2)};Gehrden"))
    assert Membership.objects.get(number="77").has_ended is True
    assert counts(take_over(rows(stays))) == {"changed": 1}
    assert Membership.objects.get(number="77").has_ended is False


def test_somebody_who_had_left_before_is_remembered_without_channels(world):
    file = rows(f"77;Jana;Fort;j@example.org;30989;{joined(50)};{joined(2)};Gehrden")
    assert counts(take_over(file)) == {"left": 1}
    person = Person.objects.get(family_name="Fort")
    assert (person.email, OutgoingMail.objects.count()) == ("", 0)
    assert counts(take_over(file)) == {"unchanged": 1}


def test_no_row_is_too_long_for_the_database(world):
    run = take_over(
        rows(f"77;{'ß' * 100};{'ß' * 100};j@example.org;30159 Hannover-Mitte;{joined(5)};;Gehrden")
    )
    assert counts(run) == {"new": 1}
    phones = "Mitgliedsnummer;Nachname;Telefon;\x00\n78;X;0511 1234567890 ext. 1234567;\n"
    assert counts(take_over(phones.encode())) == {"new": 1}


def test_a_corrected_address_redirects_the_welcome_that_still_waits(world):
    take_over(rows(f"77;Jana;Neu;falsch@example.org;30989;{joined(5)};;Gehrden"))
    take_over(rows(f"77;Jana;Neu;richtig@example.org;30989;{joined(5)};;Gehrden"))
    assert OutgoingMail.objects.get().address == "richtig@example.org"
    take_over(rows(f"77;Jana;Neu;;30989;{joined(5)};;Gehrden"))
    mail = OutgoingMail.objects.get()
    assert (mail.address, mail.channel) == ("", "letter")


def test_a_newcomer_whose_exit_was_a_mistake_comes_back_with_all_promises(world):
    stays = f"77;Jana;Irrtum;j@example.org;30989;{joined(5)};;Gehrden"
    take_over(rows(stays))
    take_over(rows(f"77;Jana;Irrtum;j@example.org;30989;{joined(5)};{joined(1)};Gehrden"))
    onboarding = Onboarding.objects.get(person__family_name="Irrtum")
    assert onboarding.state == Onboarding.State.CLOSED
    assert counts(take_over(rows(stays))) == {"changed": 1}
    onboarding.refresh_from_db()
    assert onboarding.state == Onboarding.State.RUNNING
    assert {m.state for m in onboarding.milestones.all()} == {Milestone.State.OPEN}
    assert onboarding.next_due_on is not None


def test_an_exit_put_off_to_a_later_day_does_not_hold_yet(world):
    take_over(rows(f"77;Jana;Spaet;j@example.org;30989;{joined(5)};;Gehrden"))
    take_over(rows(f"77;Jana;Spaet;j@example.org;30989;{joined(5)};{joined(1)};Gehrden"))
    later = clock.today() + timedelta(days=20)
    take_over(rows(f"77;Jana;Spaet;j@example.org;30989;{joined(5)};{later:%d.%m.%Y};Gehrden"))
    membership = Membership.objects.get(number="77")
    assert (membership.left_on, membership.has_ended) == (later, False)
    onboarding = Onboarding.objects.get(person__family_name="Spaet")
    assert onboarding.state == Onboarding.State.RUNNING


def test_an_undecided_newcomer_whose_next_file_knows_the_ortsverein_is_welcomed(world):
    take_over(rows(f"77;Jana;Offen;j@example.org;30989;{joined(5)};;Entenhausen"))
    assert OutgoingMail.objects.count() == 0
    take_over(rows(f"77;Jana;Offen;j@example.org;30989;{joined(5)};;Gehrden"))
    onboarding = Onboarding.objects.get(person__family_name="Offen")
    assert onboarding.responsible == world.person("ansprechperson")
    assert OutgoingMail.objects.get().dedupe_key == "members.welcome:77"
    assert Person.objects.get(family_name="Offen").open_question == ""


def test_a_new_unknown_postal_code_of_a_known_person_goes_to_the_inbox(world):
    take_over(rows(f"77;Jana;Umzug;j@example.org;30989;{joined(5)};;Gehrden"))
    take_over(rows(f"77;Jana;Umzug;j@example.org;99999;{joined(5)};;Gehrden"))
    person = Person.objects.get(family_name="Umzug")
    assert (person.open_question, person.gliederung.name) == ("plz", "Gehrden")


def test_leaving_and_moving_in_one_row_finds_the_new_contact_until_the_day(world):
    take_over(rows(f"77;Jana;Beides;j@example.org;30989;{joined(5)};;Gehrden"))
    leaves = clock.today() + timedelta(days=8)
    run = take_over(rows(f"77;Jana;Beides;j@example.org;31311;{joined(5)};{leaves:%d.%m.%Y};Uetze"))
    assert counts(run) == {"left": 1}
    onboarding = Onboarding.objects.get(person__family_name="Beides")
    assert onboarding.responsible == world.person("foreign_ansprechperson")


def test_coming_of_age_is_not_a_change(world):
    born = clock.today().replace(year=clock.today().year - 18) + timedelta(days=2)
    head = "Mitgliedsnummer;Nachname;Geburtsdatum;Ortsverein"
    file = f"{head}\n77;Jung;{born:%d.%m.%Y};Gehrden\n".encode()
    take_over(file)
    assert Person.objects.get(family_name="Jung").is_minor is True
    with time_machine.travel(clock.now() + timedelta(days=3)):
        assert counts(take_over(file)) == {"unchanged": 1}


def test_the_office_is_not_asked_twice_about_somebody_it_welcomed(world):
    take_over(rows(f"77;Jana;Offen;j@example.org;30449;{joined(5)};;"))
    with time_machine.travel(clock.now() + timedelta(days=4)):
        assert welcome.welcome_undecided() == 1
    take_over(rows(f"77;Jana;Offen;j@example.org;30449;{joined(5)};;Linden-Limmer"))
    assert OutgoingMail.objects.count() == 1
