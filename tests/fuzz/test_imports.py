"""Any file is read or refused with a sentence: nothing unhandled, nothing half imported.

`make test` tries a few hundred, `make fuzz` ten thousand (FUZZ_EXAMPLES).
"""

import os
import re
from contextlib import suppress
from datetime import date

import pytest
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from members.imports import reader, rules, sheet
from members.imports.columns import LABELS
from members.models import ImportRun, Membership, Person
from members.services import imports
from tests.fuzz.files import contents, csv_files, workbooks
from tests.members.exports import take_over
from tests.members.workbooks import seconds_of_work

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "400"))
TODAY = date(2026, 11, 22)
SENTENCE = re.compile(r"[A-ZÄÖÜ„].{10,}[.?]", re.DOTALL)
LONGEST = rules.LONGEST | {"plz": 10, "phone": 40, "mobile": 40, "kind": 12}
quietly = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def fuzz(examples, **more):
    return settings(max_examples=examples, deadline=None, suppress_health_check=quietly, **more)


def check_row(row):
    for problem in row.problems:
        assert problem.row == row.number
        assert problem.field in LABELS.values()
        assert SENTENCE.fullmatch(problem.message), problem.message
    if row.is_rejected:
        return
    values = row.values
    assert values["number"] or values["applied_on"]
    assert values["family_name"]
    for name, value in values.items():
        assert len(value) <= LONGEST.get(name, 10_000), name
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", value), name
        assert value[:1] not in ("=", "@"), name
    for name in ("joined_on", "left_on", "applied_on", "adult_on"):
        assert not values.get(name) or date.fromisoformat(values[name])
    if values.get("email"):
        validate_email(values["email"])


def check_file(content, name=""):
    """What must be true of every file in the world."""
    started = seconds_of_work()
    sentence, rows = "", []
    try:
        rows = rules.clean(reader.read(content, name).lines, TODAY)
    except reader.Unreadable as refusal:
        sentence = str(refusal)
    assert bool(rows) != bool(SENTENCE.fullmatch(sentence)), sentence
    for row in rows:
        check_row(row)
    assert seconds_of_work() - started < 1


@fuzz(EXAMPLES)
@given(contents)
def test_any_bytes_are_read_or_refused_with_a_sentence(content):
    check_file(content)


@fuzz(max(EXAMPLES // 50, 5))
@given(workbooks())
def test_any_workbook_is_read_or_refused_with_a_sentence(content):
    check_file(content, "a.xlsx")


class _Undo(Exception):
    pass


def check_import(content):
    """A file is taken over row by row as announced, or leaves nothing at all."""
    with suppress(_Undo), transaction.atomic():
        before = (Person.objects.count(), Membership.objects.count(), ImportRun.objects.count())
        try:
            run = take_over(content)
        except imports.FileRefused:
            after = (Person.objects.count(), Membership.objects.count(), ImportRun.objects.count())
            assert after == before
            raise _Undo from None
        known = run.counts["new"] + run.counts["left"]
        assert Membership.objects.count() - before[1] == known
        assert sum(run.counts.values()) == 2 * run.counts["rows"]
        assert run.rows.count() == 0
        raise _Undo


@fuzz(max(EXAMPLES // 10, 20))
@given(content=csv_files())
def test_any_file_is_imported_as_a_whole_or_not_at_all(world, content):
    check_import(content)


@fuzz(max(EXAMPLES // 10, 20))
@given(content=csv_files(), data=st.data())
def test_any_file_can_be_uploaded_and_any_mapping_of_it_checked(world, content, data):
    with suppress(_Undo), transaction.atomic():
        with suppress(imports.FileRefused):
            run = imports.receive(content, world.person("staff"), "a.csv", asks_for_columns=True)
            if run.state == ImportRun.State.MAPPING:
                columns = st.lists(st.sampled_from([name for name, _ in run.columns]), unique=True)
                chosen = dict(zip(LABELS, data.draw(columns), strict=False))
                if len(chosen) >= 2:
                    run = imports.map_columns(run, chosen, "x", world.person("staff"))
                    assert run.state == ImportRun.State.STAGED
                    assert run.rows.count() == run.counts["rows"]
            assert (run.content is None) == (run.state != ImportRun.State.MAPPING)
        raise _Undo


# --- The fuzz itself is tried: a planted mistake must be found ---------------------------------
found_quickly = {"database": None, "phases": [Phase.generate]}


def test_a_planted_mistake_in_the_reader_is_found(monkeypatch):
    monkeypatch.setattr(sheet, "cell", lambda record, column: record[column])
    with pytest.raises(IndexError):
        fuzz(400, **found_quickly)(given(contents)(lambda content: check_file(content)))()


def test_a_planted_mistake_in_the_rules_is_found_by_the_database(world, monkeypatch):
    """One Mitgliedsnummer twice in a file is no longer noticed."""
    monkeypatch.setattr(rules, "clean", lambda lines, on: [rules._clean_line(n, on) for n in lines])
    with pytest.raises(IntegrityError):
        fuzz(400, **found_quickly)(given(csv_files())(lambda content: check_import(content)))()
