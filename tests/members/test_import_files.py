"""From uploaded bytes to a checked import: the pages and the services behind them."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from members import tasks
from members.imports import gate
from members.models import ImportProfile, ImportRow, ImportRun
from members.services import imports
from portal.common import clock
from portal.common.errors import DomainError
from tests.concurrency import at_once
from tests.members.workbooks import corpus, workbook
from tests.retention_help import tonight

State = ImportRun.State
UNKNOWN = "Kennung;Zuname;Elektropost;Notiz\n9001;Weiß;a@example.org;x\n9002;Krüger;;y\n"
MAPPING = {"column_0": "number", "column_1": "family_name", "column_2": "email", "name": "Land"}
CORPUS = corpus()


@pytest.fixture
def staff(client_as):
    return client_as("staff")


def upload(client, content, name="export.csv", **values):
    if isinstance(content, str):
        content = content.encode()
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("members:import_list"), {"file": file} | values, follow=True)


def says(response):
    (error,) = response.context["form"].errors["file"]
    return error


def last_run():
    return ImportRun.objects.order_by("-created_at").first()


def held(run):
    """Everything of a run that is somebody's data."""
    return bytes(run.content or b""), run.columns, run.rows.count()


def test_a_known_file_is_checked_at_once_and_its_bytes_are_gone(world, staff):
    response = upload(staff, "Mitgliedsnummer;Nachname\n9001;Weiß\n")
    run = last_run()
    assert response.redirect_chain == [(reverse("members:import_run", args=[run.pk]), 302)]
    assert (run.state, run.counts["new"], held(run)) == (State.STAGED, 1, (b"", [], 1))


def test_a_workbook_can_be_uploaded(world, staff):
    upload(staff, workbook(["Mitgliedsnummer", "Nachname"], [9001, "Weiß"]), "Liste.xlsx")
    run = last_run()
    assert (run.state, run.encoding, run.rows.get().values) == (
        State.STAGED,
        "xlsx",
        {"number": "9001", "family_name": "Weiß"},
    )


@pytest.mark.parametrize("name", list(CORPUS))
def test_a_hostile_file_is_refused_on_the_page_and_nothing_is_kept(name, world, staff):
    file_name, content, sentence = CORPUS[name]
    response = upload(staff, content, file_name)
    assert response.status_code == 200
    assert re.search(sentence, says(response))
    assert ImportRow.objects.count() == 0
    assert [held(run) for run in ImportRun.objects.all()] in ([], [(b"", [], 0)])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("Mitgliedsnummer;Nachname;nachname\n1;A;B\n", "kommt mehrfach vor"),
        ("Mitgliedsnummer;Nachname\n1;A\n".encode("utf-16-le"), "Zeichensatz"),
        ("Mitgliedsnummer;Nachname\n1;Weiß\n2;Ük\n".encode() + b"3;\xfck\n", "In Zeile 4"),
        ('Mitgliedsnummer;Nachname\n1;"A\n2;B\n', "Anführungszeichen"),
        ("ä\nb\n", "nur eine Spalte"),
        ("9001;Jana;Weiß;01.10.2026\n9002;Kim;Weiß;02.10.2026\n", "Angaben zu einem Mitglied"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_the_page(content, sentence, world, staff):
    response = upload(staff, content)
    assert sentence in says(response)
    run = last_run()
    assert (run.state, run.reason, held(run)) == (State.DISCARDED, says(response), (b"", [], 0))
    assert (
        says(response) in staff.get(reverse("members:import_check", args=[run.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("content", "family"),
    [
        ("sep=;\r\nMitgliedsnummer;Nachname\r\n1;Weiß\r\n".encode("cp1252"), "Weiß"),
        ("Mitgliedsnummer\tNachname\r\n1\tŁuşğé\r\n".encode("utf-16"), "Łuşğé"),
        (b'Mitgliedsnummer;Nachname\n1;"von\nWeber"\n', "von Weber"),
        ("Mitgliedsnummer,Nachname\n1,O’Neill\n".encode("utf-8-sig"), "O’Neill"),
    ],
    ids=["sep=;", "UTF-16 with tabs", "newline in a quoted name", "UTF-8 with BOM"],
)
def test_an_odd_but_readable_file_is_read(content, family, world, staff):
    upload(staff, content)
    assert last_run().rows.get().values["family_name"] == family


def test_a_file_of_30_mb_is_answered_with_what_to_do(world, staff):
    response = upload(staff, b"x" * 30_000_000)
    text = response.content.decode()
    assert response.status_code == 413
    assert "größer als 5 MB" in text
    assert reverse("members:import_list") in text
    assert "content-security-policy" in {name.lower() for name in response.headers}
    assert ImportRun.objects.count() == 0


def test_a_file_slightly_too_large_is_refused_in_the_form(world, staff):
    assert "größer als 5 MB" in says(upload(staff, b"x" * (5 * 1024 * 1024 + 1)))


@pytest.mark.parametrize("name", ["../../../tmp/zz.csv", "a\u202evsc.csv", 'a";\r\nX: y.csv'])
def test_the_name_of_a_file_is_neither_kept_nor_shown(name, world, staff):
    response = upload(staff, "Mitgliedsnummer;Nachname\n9001;Weiß\n", name)
    assert response.status_code == 200
    assert "zz.csv" not in response.content.decode()
    assert last_run().state == State.STAGED


def test_letters_that_were_guessed_are_shown_for_a_look(world, staff):
    lines = "".join(
        f"{n};{name}\n" for n, name in enumerate(["Meier", "Weiß", "Şahin", "Ük", "Öl"])
    )
    for encoding, names in (("cp1252", ["Weiß", "Ük", "Öl"]), ("utf-8", None)):
        content = f"Mitgliedsnummer;Nachname\n{lines}".encode(encoding, errors="ignore")
        text = upload(staff, content).content.decode()
        assert ("Stimmen die Umlaute?" in text) == bool(names)
        assert not names or last_run().telling_names() == names


def test_an_unknown_layout_is_mapped_once_and_read_the_next_time(world, staff):
    response = upload(staff, UNKNOWN)
    run = last_run()
    mapping = reverse("members:import_mapping", args=[run.pk])
    assert response.redirect_chain == [(mapping, 302)]
    assert "zum Beispiel Weiß · Krüger" in response.content.decode()
    assert run.rows.count() == 0

    staff.post(mapping, MAPPING)
    run.refresh_from_db()
    assert (run.state, run.profile.name, held(run)) == (State.STAGED, "Land", (b"", [], 2))
    assert run.unused_columns == ["Notiz"]
    assert run.rows.get(number=2).values == {
        "number": "9001",
        "family_name": "Weiß",
        "email": "a@example.org",
    }

    other_order = "notiz;ELEKTROPOST;Zuname;Kennung\ny;b@example.org;Öz;9003\n"
    upload(staff, other_order)
    assert (last_run().state, last_run().rows.get().values["family_name"]) == (State.STAGED, "Öz")
    assert "Land" in staff.get(reverse("members:import_list")).content.decode()


def test_a_deleted_mapping_is_asked_for_again(world, staff):
    upload(staff, UNKNOWN)
    staff.post(reverse("members:import_mapping", args=[last_run().pk]), MAPPING)
    profile = ImportProfile.objects.get()
    staff.post(reverse("members:import_profile_delete", args=[profile.pk]))
    upload(staff, UNKNOWN)
    assert (ImportProfile.objects.count(), last_run().state) == (0, State.MAPPING)


def test_a_recognised_file_can_be_mapped_differently(world, staff):
    content = "Mitgliedsnummer;Nachname;Telefon\n9001;Weiß;0151 72979298\n"
    response = upload(staff, content, asks_for_columns="on")
    initial = {name: field.initial for name, field in response.context["form"].fields.items()}
    assert initial == {
        "column_0": "number",
        "column_1": "family_name",
        "column_2": "phone",
        "name": "",
    }
    mapping = reverse("members:import_mapping", args=[last_run().pk])
    values = {"column_0": "number", "column_1": "family_name", "column_2": "mobile", "name": "x"}
    staff.post(mapping, values)
    assert last_run().rows.get().values["mobile"] == "+49 1517 2979298"
    again = upload(staff, content, asks_for_columns="on").context["form"].fields
    assert (again["column_2"].initial, again["name"].initial) == ("mobile", "x")


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"column_1": ""}, "__all__", "Es fehlt noch: Nachname."),
        ({"column_0": "", "column_1": ""}, "__all__", "Mitgliedsnummer und Nachname"),
        ({"column_3": "email"}, "column_3", "„E-Mail“ ist schon bei „Elektropost“ gewählt."),
        ({"column_3": "password"}, "column_3", "password"),
        ({"name": ""}, "name", ""),
    ],
)
def test_a_mapping_that_cannot_be_true_is_sent_back(values, field, sentence, world, staff):
    upload(staff, UNKNOWN)
    run = last_run()
    response = staff.post(reverse("members:import_mapping", args=[run.pk]), MAPPING | values)
    assert sentence in response.context["form"].errors[field][0]
    run.refresh_from_db()
    assert (run.state, ImportProfile.objects.count()) == (State.MAPPING, 0)


def test_a_column_that_comes_twice_can_be_left_out_but_not_chosen(world, staff):
    upload(staff, "Kennung;Zuname;Wert;wert\n9001;Weiß;a;b\n")
    mapping = reverse("members:import_mapping", args=[last_run().pk])
    wrong = MAPPING | {"column_2": "email"}
    response = staff.post(mapping, wrong)
    assert "kommt mehrfach vor" in response.context["form"].errors["column_2"][0]
    staff.post(mapping, MAPPING | {"column_2": ""})
    assert last_run().state == State.STAGED


def test_names_of_columns_are_shown_as_text(world, staff):
    text = upload(staff, '<script>a</script>;x"><img src=x>;c\n<b>1</b>;2;3\n').content.decode()
    assert "&lt;script&gt;a" in text
    assert "<script>a" not in text
    assert "<img src=x" not in text
    assert "<b>1" not in text


def test_a_file_of_200_unknown_columns_can_be_mapped(world, staff):
    header = ";".join(["Kennung", "Zuname", *(f"Spalte {n}" for n in range(198))])
    upload(staff, f"{header}\n9001;Weiß\n")
    values = {f"column_{n}": "" for n in range(200)} | MAPPING | {"column_2": ""}
    staff.post(reverse("members:import_mapping", args=[last_run().pk]), values)
    assert last_run().state == State.STAGED


def test_columns_in_any_script_and_without_a_name_can_be_mapped(world, staff):
    upload(staff, "Номер;;氏名\n9001;Weiß;x\n")
    assert [name for name, _ in last_run().columns] == ["Номер", "Spalte 2", "氏名"]
    values = {"column_0": "number", "column_1": "family_name", "name": "x"}
    staff.post(reverse("members:import_mapping", args=[last_run().pk]), values)
    assert last_run().rows.get().values == {"number": "9001", "family_name": "Weiß"}


def large():
    rows = "".join(f"{n};Weiß{n}\n" for n in range(40_000))
    content = f"Mitgliedsnummer;Nachname\n{rows}".encode()
    assert not gate.is_quick(content)
    return content[: gate.QUICK_CSV + 1000].rpartition(b"\n")[0]


def test_a_large_file_waits_for_the_worker_and_the_page_reloads_itself(world, staff):
    response = upload(staff, large())
    run = last_run()
    assert response.redirect_chain == [(reverse("members:import_check", args=[run.pk]), 302)]
    assert (run.state, response.headers["Refresh"]) == (State.UPLOADED, "4")
    tasks.check_import(str(run.pk))
    run.refresh_from_db()
    assert (run.state, bytes(run.content or b"")) == (State.STAGED, b"")
    assert (
        "Refresh"
        not in staff.get(reverse("members:import_check", args=[run.pk]), follow=True).headers
    )


def test_a_file_announced_twice_is_checked_once(live_world):
    content = b"Mitgliedsnummer;Nachname\n9001;A\n9002;B\n"
    run = ImportRun.objects.create(content=content, state="uploaded", created_at=clock.now())
    at_once(lambda: imports.check(run.pk), lambda: imports.check(run.pk))
    run.refresh_from_db()
    assert (run.state, run.rows.count()) == (State.STAGED, 2)


def test_what_the_broker_lost_is_announced_again(world, staff, monkeypatch):
    upload(staff, large())
    announced = []
    monkeypatch.setattr(tasks, "enqueue", lambda *args: announced.append(args))
    tasks.start_uploaded_checks()
    assert announced == [("members.check_import", str(last_run().pk))]


def test_a_check_that_breaks_off_says_so_and_keeps_nothing(world, staff, monkeypatch):
    upload(staff, large())
    run = last_run()
    monkeypatch.setattr(imports, "check", lambda pk: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.check_import(str(run.pk))
    run.refresh_from_db()
    assert (run.state, held(run)) == (State.DISCARDED, (b"", [], 0))
    assert "noch einmal hoch" in run.reason


def test_a_file_that_took_two_workers_along_is_not_tried_a_third_time(world, staff, monkeypatch):
    class WorkerLost(BaseException):
        """What no except of ours sees."""

    def lost(pk):
        raise WorkerLost

    upload(staff, large())
    run = last_run()
    with monkeypatch.context() as broken:
        broken.setattr(imports, "check", lost)
        for _ in range(2):
            with pytest.raises(WorkerLost):
                tasks.check_import(str(run.pk))

    tasks.check_import(str(run.pk))

    run.refresh_from_db()
    assert (run.state, held(run)) == (State.DISCARDED, (b"", [], 0))
    assert "noch einmal hoch" in run.reason


@pytest.mark.parametrize("content", [UNKNOWN, "Mitgliedsnummer;Nachname\n9001;Weiß\n", None])
def test_whatever_is_not_confirmed_is_erased_after_a_day(content, world, staff):
    upload(staff, content or large())
    with time_machine.travel(clock.now() + timedelta(hours=23)):
        tonight("import.rows", "import.files")
    assert held(last_run()) != (b"", [], 0)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        tonight("import.rows", "import.files")
    run = last_run()
    assert (run.state, held(run)) == (State.DISCARDED, (b"", [], 0))


def test_a_file_can_be_thrown_away_while_its_columns_are_asked_for(world, staff):
    upload(staff, UNKNOWN)
    run = last_run()
    staff.post(reverse("members:import_discard", args=[run.pk]))
    run.refresh_from_db()
    assert (run.state, held(run)) == (State.DISCARDED, (b"", [], 0))
    with pytest.raises(DomainError, match="schon zugeordnet"):
        imports.map_columns(run, {}, "x", world.person("staff"))


@pytest.mark.parametrize("way", ["discarded", "forgotten"])
def test_what_stood_in_an_unknown_column_goes_with_the_file(way, world, staff):
    upload(staff, "Mitgliedsnummer;Nachname;Zzgeheim\n9001;Weiß;x\n")
    if way == "discarded":
        staff.post(reverse("members:import_discard", args=[last_run().pk]))
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        tonight("import.rows", "import.files")
    assert (last_run().state, last_run().unused_columns) == (State.DISCARDED, [])


def test_the_command_line_takes_a_workbook_too(world, tmp_path, capsys):
    file = tmp_path / "liste.xlsx"
    file.write_bytes(workbook(["Mitgliedsnummer", "Nachname"], [9001, "Weiß"]))
    call_command("import_members", str(file), "--format", "json", "--dry-run")
    assert json.loads(capsys.readouterr().out)["new"] == 1


def test_the_command_line_reads_what_was_mapped_before_and_names_the_page_else(world):
    with pytest.raises(imports.FileRefused, match="auf der Seite „Import“"):
        imports.stage(UNKNOWN.encode(), None)
    run = imports.receive(UNKNOWN.encode(), world.person("staff"), "a.csv")
    mapping = {"number": "Kennung", "family_name": "Zuname"}
    imports.map_columns(run, mapping, "Land", world.person("staff"))
    assert imports.stage(UNKNOWN.encode(), None).counts["new"] == 2
