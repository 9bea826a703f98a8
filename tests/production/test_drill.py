"""The emergency of `make drill`, small."""

import shutil

import pytest

from tests.production.drill import drill_server
from tests.production.exercise import Exercise
from tests.production.stack import collect

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")


def test_a_restore_brings_nobody_back_and_changes_nothing_else(tmp_path):
    with drill_server(tmp_path) as drill:
        collect(drill.stack)
        report = Exercise(drill, people=300).play()
    print(report)
    assert "an 0 Stellen" in report
