"""„Vermutlich dieselbe Person“: a human decides, and nobody is welcomed twice (R5)."""

import uuid

import pytest
from django.urls import reverse

from members.models import ImportRow, Membership, Onboarding, Person
from members.services import entry, exits, imports
from members.services import onboarding as onboarding_service
from members.services.imports import Choice
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox.models import OutgoingMail
from tests.members.exports import counts, joined, rows, take_over
from tests.world import make_person

Decision = ImportRow.Decision


def entered(world, **values):
    """Somebody whom the office entered before the export knew them."""
    values = {
        "given_name": "Jana",
        "family_name": "Hand",
        "email": "jana@example.org",
        "plz": "30989",
        "joined_on": clock.today().isoformat(),
    } | values
    form = entry.Entry(values, world.gliederung("Gehrden"), "de", "phone", uuid.uuid4())
    return entry.enter(form, world.person("staff"))


def line(number=77, family="Hand", mail="jana@example.org", plz="30989"):
    return f"{number};Jana;{family};{mail};{plz};{joined(5)};;Gehrden"


def stage(*lines):
    return imports.stage(rows(*lines), None)


def decide(world, run, **answers):
    """`decide(world, run, n77=person)`: None is later, "other" somebody else."""
    rows_by_number = {f"n{row.values['number']}": row.pk for row in run.rows.all()}
    choices = {}
    for number, answer in answers.items():
        same = isinstance(answer, Person)
        choice = Choice(Decision.SAME, answer.pk) if same else Choice(answer or "")
        choices[rows_by_number[number]] = choice
    imports.decide_lookalikes(run, choices, world.person("staff"))
    run.refresh_from_db()


@pytest.mark.parametrize(
    ("stored", "row", "verdict"),
    [
        ({"phone": "+49 511 1234567"}, line(mail="", plz=""), "new"),
        ({"email": "x@example.org"}, line(mail="y@example.org"), "same"),  # name and PLZ
        ({"plz": "31311"}, line(), "same"),  # address
        ({"plz": "31311", "email": "x@example.org"}, line(), "new"),
        ({"family_name": "Ganz", "email": "JANA@Example.org"}, line(), "same"),
        ({"family_name": "Ganz", "email": "z@example.org"}, line(), "new"),
    ],
)
def test_name_and_postal_code_or_an_address_make_a_lookalike(world, stored, row, verdict):
    entered(world, **stored)
    assert stage(row).rows.get().verdict == verdict


def test_a_number_makes_a_lookalike_too(world):
    entered(world, family_name="Ganz", email="", phone="+49 511 1234567")
    file = "Mitgliedsnummer;Nachname;Telefon;Ortsverein\n77;Anders;0511 1234567;Gehrden\n"
    assert imports.stage(file.encode(), None).rows.get().verdict == "same"


def test_the_same_person_keeps_talks_dates_and_consents_and_gets_no_second_welcome(world):
    person = entered(world)
    onboarding = Onboarding.objects.get(person=person)
    talk = onboarding_service.Talk("call", "reached", onboarding.pk, "Gern abends")
    onboarding_service.log_contact(onboarding, world.person("ansprechperson"), talk)
    milestones = list(onboarding.milestones.values())
    run = stage(line(mail="neu@example.org"))
    assert (run.mails, run.letters) == (0, 0)

    decide(world, run, n77=person)
    imports.apply(run, None)

    (membership,) = person.memberships.all()
    assert (membership.number, membership.has_ended) == ("77", False)
    person.refresh_from_db()
    assert person.email == "neu@example.org"
    assert Onboarding.objects.get(person=person).pk == onboarding.pk
    assert list(onboarding.milestones.values()) == milestones
    assert onboarding.contacts.get().note == "Gern abends"
    assert Person.objects.filter(family_name="Hand").count() == 1
    assert OutgoingMail.objects.count() == 1
    # From now on the export knows them, and a decision does not write again.
    assert counts(take_over(rows(line(mail="neu@example.org")))) == {"unchanged": 1}
    imports.decide_gliederung(person, world.gliederung("Uetze"), world.person("staff"))
    assert OutgoingMail.objects.count() == 1


def test_somebody_else_becomes_a_new_member_with_a_welcome(world):
    person = entered(world)
    run = stage(line())
    decide(world, run, n77="other")
    assert (run.mails, run.letters) == (1, 0)
    imports.apply(run, None)
    assert Membership.objects.get(number="77").person != person
    assert OutgoingMail.objects.filter(dedupe_key="members.welcome:77").count() == 1


def test_undecided_rows_stay_behind_and_come_again(world):
    entered(world)
    run = stage(line(), line(78, "Andere", "a@example.org"))
    assert counts(run) == {"same": 1, "new": 1}
    imports.apply(run, None)
    assert Membership.objects.filter(number="77").exists() is False
    assert Membership.objects.filter(number="78").exists()
    assert stage(line()).rows.get().verdict == "same"


def test_a_later_answer_takes_the_earlier_ones_place_and_counts_once(world):
    person = entered(world)
    run = stage(line(mail=""))
    for answer, letters in (("other", 1), ("other", 1), (person, 0), (None, 0), ("other", 1)):
        decide(world, run, n77=answer)
        assert (run.mails, run.letters) == (0, letters)
    imports.apply(run, None)


def test_one_person_is_not_two_rows(world):
    person = entered(world)
    run = stage(line(77, plz=""), line(78, plz=""))
    with pytest.raises(DomainError, match="schon einer anderen Zeile"):
        decide(world, run, n77=person, n78=person)


def test_nobody_is_taken_who_was_not_offered(world):
    entered(world)
    run = stage(line())
    with pytest.raises(DomainError, match="nicht mehr zur Auswahl"):
        decide(world, run, n77=world.person("member"))


def test_somebody_known_without_membership_and_arrival_is_welcomed_once(world):
    person = make_person("Hand", world.gliederung("Gehrden"), given_name="Jana", plz="30989")
    run = stage(line(mail=""))
    decide(world, run, n77=person)
    assert (run.mails, run.letters) == (0, 1)
    imports.apply(run, None)
    assert Onboarding.objects.get(person=person).responsible == world.person("ansprechperson")
    assert OutgoingMail.objects.get(recipient_key=person.pk).dedupe_key == "members.welcome:77"


def test_undo_makes_two_of_one_again(world):
    person = entered(world)
    before = list(person.memberships.values())
    run = stage(line(mail="neu@example.org"))
    decide(world, run, n77=person)
    imports.apply(run, None)
    imports.order_undo(run, world.person("staff"))
    imports.carry_out_undo(run.pk)
    person.refresh_from_db()
    assert person.email == "jana@example.org"
    assert list(person.memberships.values()) == before
    assert OutgoingMail.objects.count() == 1


def test_somebody_who_died_is_not_welcomed_again_through_the_export(world):
    person = entered(world)
    exits.record_exit(person, clock.today(), "death", world.person("staff"))
    run = stage(line())
    decide(world, run, n77=person)
    assert (run.mails, run.letters) == (0, 0)
    imports.apply(run, None)
    membership = Membership.objects.get(number="77")
    assert (membership.person, membership.has_ended) == (person, True)
    assert list(OutgoingMail.objects.values_list("state", flat=True)) == ["dropped"]


def test_the_page_shows_both_sides_and_keeps_the_answer(world, client_as):
    person = entered(world)
    run = stage(line(mail="neu@example.org"))
    client = client_as("staff")
    url = reverse("members:import_run", args=[run.pk])
    page = client.get(url, {"ergebnis": "same"}).content.decode()
    for shown in ("jana@example.org", "neu@example.org", f"am {clock.today():%d.%m.%Y}"):
        assert shown in page
    assert "1 Zeile bleibt liegen" in " ".join(page.split())
    row = run.rows.get()
    answer = {"row": row.pk, f"row-{row.pk}": str(person.pk)}
    client.post(reverse("members:import_decide", args=[run.pk]), answer)
    row.refresh_from_db()
    assert (row.decision, row.lookalike) == (Decision.SAME, person)
    assert "bleibt liegen" not in client.get(url).content.decode()


@pytest.mark.parametrize(
    "data", [{}, {"row": ["x", "9" * 30, "-1"]}, {"row": "{pk}", "row-{pk}": "nobody"}]
)
def test_nonsense_is_answered_with_a_sentence(world, client_as, data):
    entered(world)
    run = stage(line())
    pk = str(run.rows.get().pk)
    filled = {
        key.format(pk=pk): [v.format(pk=pk) for v in ([value] if isinstance(value, str) else value)]
        for key, value in data.items()
    }
    answer = client_as("staff").post(reverse("members:import_decide", args=[run.pk]), filled)
    assert answer.status_code == 302
    assert run.rows.get().decision == ""
