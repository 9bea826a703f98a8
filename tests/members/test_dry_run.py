"""The dry run: tabs that count right, fields before and after, rejected rows as a file."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.imports.reader import LABELS
from members.models import ImportRun
from members.queries import import_runs
from members.services import imports
from portal.common import clock
from portal.common.todos import todos_for
from tests.members.exports import joined, rows, take_over
from tests.world import make_person


@pytest.fixture
def run(world):
    """One row in every tab."""
    line = "{};Jana;{};{}@example.org;{};{};{};{}"
    known = [(1, "Bleibt"), (2, "Anders"), (3, "Zieht"), (4, "Geht")]
    take_over(
        rows(*(line.format(n, name, n, 30989, joined(9), "", "Gehrden") for n, name in known))
    )
    make_person("Hand", world.gliederung("Gehrden"), given_name="Jana", plz="30989")
    return imports.stage(
        rows(
            line.format(1, "Bleibt", 1, 30989, joined(9), "", "Gehrden"),
            line.format(2, "Anderson", "neu", 30989, joined(9), "", "Gehrden"),
            line.format(3, "Zieht", 3, 31311, joined(9), "", "Uetze"),
            line.format(4, "Geht", 4, 30989, joined(9), joined(1), "Gehrden"),
            line.format(5, "Kommt", 5, 30989, joined(9), "", "Gehrden"),
            line.format(6, "Ortlos", 6, 30449, joined(9), "", ""),
            line.format(7, "Hand", 7, 30989, joined(9), "", "Gehrden"),
            line.format(8, "", 8, 30989, "31.02.2026", "", "=1+1"),
        ),
        None,
    )


def names(run, code):
    return [row.values["number"] for row in import_runs.rows_of(run, code)]


def test_every_tab_counts_the_rows_it_shows(run):
    shown = {tab.code: (tab.count, names(run, tab.code)) for tab in import_runs.tabs(run)}
    assert shown == {
        "new": (2, ["5", "6"]),
        "changed": (1, ["2"]),
        "moved": (1, ["3"]),
        "left": (1, ["4"]),
        "rejected": (1, ["8"]),
        "undecided": (1, ["6"]),
        "same": (1, ["7"]),
        "hinweise": (3, ["6", "7", "8"]),
        "unchanged": (1, ["1"]),
        "alle": (8, ["1", "2", "3", "4", "5", "6", "7", "8"]),
    }


def test_the_page_opens_on_what_changes_and_hides_empty_tabs(run, client_as):
    url = reverse("members:import_run", args=[run.pk])
    assert client_as("staff").get(url).context["tab"] == "new"
    run.rows.exclude(verdict="unchanged").delete()
    assert [tab.code for tab in import_runs.tabs(run)] == ["unchanged", "alle"]
    assert client_as("staff").get(url).context["tab"] == "unchanged"


def test_after_the_take_over_the_page_says_what_comes_next(run, client_as):
    imports.apply(run, None)
    page = client_as("staff").get(reverse("members:import_run", args=[run.pk])).content.decode()
    text = " ".join(page.split())
    assert "Damit gehen <strong>2 Mails</strong> von selbst hinaus." in text
    assert "1 Person ist noch nicht übernommen" in text


def test_a_changed_row_says_which_fields_and_both_values(run):
    found = import_runs.changes(run.rows.all())
    by_number = {row.values["number"]: row.pk for row in run.rows.all()}
    assert [(c.label, c.old, c.new) for c in found[by_number["2"]]] == [
        ("Nachname", "Anders", "Anderson"),
        ("E-Mail", "2@example.org", "neu@example.org"),
    ]
    assert [(c.label, c.old, c.new) for c in found[by_number["3"]]] == [
        ("PLZ", "30989", "31311"),
        (LABELS["gliederung"], "Gehrden", "Uetze"),
    ]
    assert [(c.label, c.old, c.new) for c in found[by_number["4"]]] == [
        ("Austrittsdatum", "", joined(1))
    ]


@pytest.mark.parametrize("tab", ["", *import_runs.TABS, "unsinn"])
def test_every_tab_is_a_page(run, client_as, tab):
    url = reverse("members:import_run", args=[run.pk])
    answer = client_as("staff").get(url, {"ergebnis": tab, "page": "x"})
    assert answer.status_code == 200
    assert "Diese Datei verschickt 2 Mails und 0 Briefe." in " ".join(
        answer.content.decode().split()
    )


def test_rejected_rows_come_as_a_file_while_the_staging_lives(run, client_as):
    client = client_as("staff")
    url = reverse("members:import_rejected", args=[run.pk])
    answer = client.get(url)
    assert "attachment" in answer.headers["Content-Disposition"]
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert table[0][:5] == ["Zeile", "Feld", "Was nicht stimmt", "Mitgliedsnummer", "Nachname"]
    assert {line[1] for line in table[1:]} >= {LABELS["gliederung"]}
    assert {line[0] for line in table[1:]} == {"9"}
    assert "31.02.2026" in table[1]
    imports.discard(run)
    assert client.get(url).status_code == 404


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(world, client_as):
    run = imports.stage(b"Mitgliedsnummer;Nachname;Telefon\n;Zz;+49 511 12345\n", None)
    answer = client_as("staff").get(reverse("members:import_rejected", args=[run.pk]))
    assert '"\'+49 511 12345"' in answer.content.decode("utf-8-sig")


def test_after_a_week_the_import_is_on_the_list_of_the_office(world):
    def due():
        return [t.title for t in todos_for(world.user("staff")) if t.kind == "import"]

    assert due() == []
    take_over(rows(f"77;Jana;Neu;j@example.org;30989;{joined(5)};;Gehrden"))
    with time_machine.travel(clock.now() + timedelta(days=6)):
        assert due() == []
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert due() == ["Der letzte Import ist 8 Tage her"]
        assert [t for t in todos_for(world.user("ansprechperson")) if t.kind == "import"] == []
        ImportRun.objects.update(state=ImportRun.State.UNDONE)
        assert due() == []


def test_the_inbox_offers_the_likely_ortsvereine(world, client_as):
    one = make_person("Zwei", None, plz="30449", open_question="ortsverein")
    page = client_as("staff").get(reverse("members:decide", args=[one.pk])).content.decode()
    buttons = [name for name in ("Linden-Limmer", "Döhren-Wülfel") if f"{name}</button>" in page]
    assert buttons == ["Linden-Limmer", "Döhren-Wülfel"]
    far = make_person("Fern", None, plz="99999", open_question="plz")
    page = client_as("staff").get(reverse("members:decide", args=[far.pk])).content.decode()
    assert "Vorschläge" not in page
