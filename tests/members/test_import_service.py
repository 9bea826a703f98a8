import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from members.models import ImportRow, ImportRun, Membership, Onboarding, Person
from members.services import imports
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox.models import OutgoingMail
from tests.concurrency import at_once
from tests.members.exports import counts, joined, rows, take_over
from tests.retention_help import tonight
from tests.world import make_person

DATA = Path(__file__).resolve().parent.parent / "data" / "imports"
TODAY = date(2026, 11, 22)


@pytest.fixture
def demo_ortsvereine(world):
    """The samples use the 40 invented Ortsvereine."""
    from members.models import Gliederung, Kommune, Level
    from members.services.organisation import create_gliederung
    from members.services.reference import _rows

    level = Level.objects.get(name="Ortsverein")
    for row in _rows("ortsvereine_demo.csv"):
        if not Gliederung.objects.filter(name=row["ortsverein"]).exists():
            node = create_gliederung(row["ortsverein"], level, world.district.gliederung)
            node.kommunen.add(Kommune.objects.get(ags=row["ags"]))


def test_the_samples_give_the_expected_counts_twice(demo_ortsvereine):
    with time_machine.travel(TODAY, tick=False):
        first = take_over((DATA / "mitglieder_2026-11.csv").read_bytes())
        again = take_over((DATA / "mitglieder_2026-11.csv").read_bytes())
        later = take_over((DATA / "mitglieder_folgemonat.csv").read_bytes())
        once_more = take_over((DATA / "mitglieder_folgemonat.csv").read_bytes())
    assert counts(first) == {"new": 120}
    assert (first.mails, first.letters) == (112, 8)
    assert counts(again) == {"unchanged": 120}
    assert (again.mails, again.letters) == (0, 0)
    assert counts(later) == {"moved": 5, "left": 4, "changed": 10, "new": 15, "unchanged": 99}
    assert counts(once_more) == {"unchanged": 133}


def test_the_dirty_sample_is_judged_row_by_row(demo_ortsvereine):
    expected = json.loads((DATA / "mitglieder_schmutzig.expected.json").read_text())
    by_level = expected.pop("problem_rows")
    with time_machine.travel(TODAY, tick=False):
        run = imports.stage((DATA / "mitglieder_schmutzig.csv").read_bytes(), None)
    assert run.counts == expected
    found = {"rejected": set(), "warning": set()}
    for row in run.rows.all():
        for problem in row.problems:
            found[problem["level"]].add(problem["row"])
    assert {level: sorted(numbers) for level, numbers in found.items()} == by_level


def test_a_newcomer_gets_clock_contact_and_one_welcome(world):
    take_over(rows(f"77;Jana;Neu;jana@example.org;30989;{joined(5)};;OV Gehrden"))
    onboarding = Onboarding.objects.get(person__family_name="Neu")
    assert onboarding.responsible == world.person("ansprechperson")
    assert onboarding.responsible_stands_in is False
    assert [m.code for m in onboarding.milestones.all()] == [
        "erstkontakt",
        "parteibuch",
        "zweitkontakt",
    ]
    mail = OutgoingMail.objects.get(dedupe_key="members.welcome:77")
    assert (mail.address, mail.channel, mail.state) == ("jana@example.org", "mail", "queued")


def test_whoever_joined_long_ago_is_a_member_without_clock_and_mail(world):
    take_over(rows("77;Jana;Alt;jana@example.org;30989;01.05.1971;;Gehrden"))
    assert Membership.objects.get(number="77").person.gliederung.name == "Gehrden"
    assert Onboarding.objects.filter(person__family_name="Alt").exists() is False
    assert OutgoingMail.objects.count() == 0


def test_without_an_address_the_welcome_is_a_letter(world):
    run = take_over(rows(f"77;Jana;Neu;;30989;{joined(5)};;Gehrden"))
    assert (run.mails, run.letters) == (0, 1)
    assert OutgoingMail.objects.get().channel == "letter"


@pytest.mark.parametrize(
    ("plz", "name", "expected", "question"),
    [
        ("30989", "", "Gehrden", ""),  # outside the city a postal code is enough
        ("30449", "", None, "ortsverein"),  # the city has many Ortsvereine
        ("30669", "", None, "ortsverein"),  # lies in two Kommunen
        ("30989", "Entenhausen", None, "ortsverein"),
        ("99999", "Gehrden", "Gehrden", "plz"),
        ("", "SPD-Ortsverein Döhren-Wülfel", "Döhren-Wülfel", ""),
        ("", "ov doehren - wuelfel", "Döhren-Wülfel", ""),
    ],
)
def test_the_place_is_found_or_left_to_a_human(world, plz, name, expected, question):
    take_over(rows(f"77;Jana;Ort;j@example.org;{plz};{joined(5)};;{name}"))
    person = Person.objects.select_related("gliederung").get(family_name="Ort")
    assert (person.gliederung and person.gliederung.name, person.open_question) == (
        expected,
        question,
    )


def test_an_undecided_newcomer_is_welcomed_when_somebody_decides(world):
    take_over(rows(f"77;Jana;Offen;j@example.org;30449;{joined(5)};;"))
    person = Person.objects.get(family_name="Offen")
    assert OutgoingMail.objects.count() == 0
    imports.decide_gliederung(person, world.gliederung("Linden-Limmer"), world.person("staff"))
    assert OutgoingMail.objects.get().recipient_key == person.pk
    onboarding = Onboarding.objects.get(person=person)
    assert (onboarding.responsible, onboarding.responsible_stands_in) == (
        world.person("staff"),
        True,
    )


def test_a_decision_is_not_undone_by_the_next_file(world):
    file = rows(f"77;Jana;Offen;j@example.org;30449;{joined(5)};;Entenhausen")
    take_over(file)
    person = Person.objects.get(family_name="Offen")
    imports.decide_gliederung(person, world.gliederung("Linden-Limmer"), world.person("staff"))
    assert counts(take_over(file)) == {"unchanged": 1}
    person.refresh_from_db()
    assert (person.gliederung.name, person.open_question) == ("Linden-Limmer", "")


def test_after_three_days_the_office_welcomes_whoever_is_still_undecided(world):
    from members.services import welcome

    take_over(rows(f"77;Jana;Offen;j@example.org;30449;{joined(5)};;"))
    assert welcome.welcome_undecided() == 0
    with time_machine.travel(clock.now() + timedelta(days=3)):
        assert welcome.welcome_undecided() == 1
        assert welcome.welcome_undecided() == 0
    assert Onboarding.objects.get(person__family_name="Offen").responsible == world.person("staff")


def test_a_move_gives_the_newcomer_the_contact_of_the_new_ortsverein(world):
    take_over(rows(f"77;Jana;Umzug;j@example.org;30989;{joined(5)};;Gehrden"))
    run = take_over(rows(f"77;Jana;Umzug;j@example.org;31311;{joined(5)};;Uetze"))
    assert counts(run) == {"moved": 1}
    onboarding = Onboarding.objects.get(person__family_name="Umzug")
    assert onboarding.responsible == world.person("foreign_ansprechperson")
    assert onboarding.person.kommune.name == "Uetze"
    assert OutgoingMail.objects.count() == 1


def test_missing_in_the_file_is_not_an_exit(world):
    take_over(rows(f"77;A;Eins;a@example.org;30989;{joined(5)};;Gehrden"))
    take_over(rows(f"78;B;Zwei;b@example.org;30989;{joined(5)};;Gehrden"))
    assert Membership.objects.get(number="77").left_on is None


def test_an_unreadable_address_does_not_wipe_out_the_stored_one(world):
    take_over(rows(f"77;Jana;Neu;jana@example.org;30989;{joined(5)};;Gehrden"))
    run = take_over(rows(f"77;Jana;Neu;kaputt;30989;{joined(5)};;Gehrden"))
    assert counts(run) == {"unchanged": 1}
    assert Person.objects.get(family_name="Neu").email == "jana@example.org"


def test_an_import_never_touches_talks(world):
    from members.models import Contact

    take_over(rows(f"77;Jana;Neu;jana@example.org;30989;{joined(5)};;Gehrden"))
    onboarding = Onboarding.objects.get(person__family_name="Neu")
    Contact.objects.create(
        onboarding=onboarding,
        made_on=clock.today(),
        result="reached",
        created_at=clock.now(),
        submit_token=onboarding.pk,
    )
    take_over(rows(f"77;Jana;Neu;anders@example.org;30989;{joined(5)};;Gehrden"))
    assert onboarding.contacts.count() == 1


def test_somebody_entered_by_hand_is_pointed_out_and_left_to_a_human(world):
    make_person("Handeintrag", world.gliederung("Gehrden"), given_name="Jana", plz="30989")
    run = imports.stage(rows(f"77;Jana;Handeintrag;;30989;{joined(5)};;Gehrden"), None)
    (row,) = run.rows.all()
    assert (row.verdict, run.counts["same"], run.letters) == (ImportRow.Verdict.SAME, 1, 0)
    assert [p["message"] for p in row.problems] == [
        "Vermutlich dieselbe Person ist schon von Hand eingetragen. Bitte prüfen."
    ]


def test_a_dry_run_writes_nothing_but_the_staging(world):
    before = Person.objects.count()
    imports.stage(rows(f"77;Jana;Neu;jana@example.org;30989;{joined(5)};;Gehrden"), None)
    assert (Person.objects.count(), OutgoingMail.objects.count()) == (before, 0)


def test_staged_rows_are_erased_after_use_and_after_a_day(world):
    line = f"77;Jana;Neu;jana@example.org;30989;{joined(5)};;Gehrden"
    used = take_over(rows(line))
    left = imports.stage(rows(line), None)
    assert (used.rows.count(), left.rows.count()) == (0, 1)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        tonight("import.rows", "import.files")
    left.refresh_from_db()
    assert (left.state, left.rows.count()) == (ImportRun.State.DISCARDED, 0)
    with pytest.raises(DomainError, match="verworfen"):
        imports.apply(left, None)


def test_a_plan_that_is_no_longer_true_is_refused(world):
    line = rows(f"77;Jana;Neu;jana@example.org;30989;{joined(5)};;Gehrden")
    first, second = imports.stage(line, None), imports.stage(line, None)
    imports.apply(first, None)
    with pytest.raises(imports.PlanChanged, match="noch einmal hoch"):
        imports.apply(second, None)


def test_columns_we_do_not_need_are_not_stored(world):
    content = "Mitgliedsnummer;Nachname;Anrede;Beitrag;Geburtsdatum\n77;Zz;Zzweg;9,99;01.01.1980\n"
    run = imports.stage(content.encode(), None)
    assert run.rows.get().values == {"number": "77", "family_name": "Zz", "adult_on": ""}
    assert run.unused_columns == ["Anrede", "Beitrag"]


def test_a_column_that_is_missing_leaves_what_is_stored(world):
    take_over(rows(f"77;Jana;Neu;jana@example.org;30989;{joined(5)};;Gehrden"))
    before = Person.objects.filter(family_name="Neu").values().get()
    assert counts(take_over(b"Mitgliedsnummer;Nachname\n77;Neu\n")) == {"unchanged": 1}
    assert Person.objects.filter(family_name="Neu").values().get() == before
    assert Membership.objects.get(number="77").joined_on is not None


def test_two_people_confirm_the_same_file_at_once_and_it_is_taken_once(live_world):
    run = imports.stage(rows(f"77;Jana;Doppelt;j@example.org;30989;{joined(5)};;Gehrden"), None)
    at_once(lambda: imports.apply(run, None), lambda: imports.apply(run, None))
    assert Membership.objects.filter(number="77").count() == 1
    assert OutgoingMail.objects.filter(dedupe_key="members.welcome:77").count() == 1


def test_the_command_prints_counts_and_problems_as_json(world, tmp_path, capsys):
    file = tmp_path / "mitglieder.csv"
    file.write_bytes(rows(f"77;Jana;Neu;kaputt;30989;{joined(5)};;Gehrden", "78;X;;;;;;"))
    call_command("import_members", str(file), "--format", "json", "--dry-run")
    report = json.loads(capsys.readouterr().out)
    problems = report.pop("problems")
    assert report == {
        "rows": 2,
        "rejected": 1,
        "left": 0,
        "moved": 0,
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "mails": 0,
        "letters": 1,
    }
    assert [(p["row"], p["field"], p["level"]) for p in problems] == [
        (2, "E-Mail", "warning"),
        (3, "Nachname", "rejected"),
    ]
    assert Membership.objects.filter(number="77").exists() is False


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", None])
def test_a_refused_file_gives_exit_1_zeros_and_one_problem(world, tmp_path, capsys, content):
    file = tmp_path / "mitglieder.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SystemExit) as exit_:
        call_command("import_members", str(file), "--format", "json")
    report = json.loads(capsys.readouterr().out)
    assert exit_.value.code == 1
    assert [p["row"] for p in report.pop("problems")] == [None]
    assert set(report.values()) == {0}


def test_without_a_district_the_file_is_refused_and_not_lost_in_a_traceback(db):
    from members.models import District

    District.objects.all().delete()
    with pytest.raises(imports.FileRefused, match="noch kein Parteigebiet"):
        imports.stage(rows("1;A;B;;;;;"), None)
