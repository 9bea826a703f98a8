"""Every personal field has an end, and a rule is known by what it does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.common import fields, retention
from portal.common.fields import FieldClass

HARMLESS = (FieldClass.TECHNICAL, FieldClass.PUBLIC)


def test_every_personal_field_is_covered_by_a_rule():
    assert retention.uncovered(HARMLESS) == set()


def test_a_field_that_no_rule_covers_is_found(monkeypatch):
    # „seen red“ built in: without its rules a table without foreign key hangs in the air.
    rest = {code: rule for code, rule in retention._rules.items() if code != "consent.proof"}
    monkeypatch.setattr(retention, "_rules", rest)
    assert retention.uncovered(HARMLESS) == {
        f"common.Consent.{name}"
        for name in ("subject", "recorded_by", "text", "given_at", "withdrawn_at")
    }


def test_rules_name_models_and_fields_that_exist():
    for rule in retention.rules():
        stored = {field.name for field in retention.model_of(rule)._meta.get_fields()}
        assert set(rule.sets) <= stored, rule.code
        assert rule.title, rule.since
    for kept in retention.kept():
        assert kept.names <= set(fields.rules()[kept.model].fields), kept.model
        assert kept.reason


@pytest.mark.django_db
def test_a_fingerprint_stays_the_same_as_long_as_the_rule_does():
    for rule in retention.rules():
        assert rule.fingerprint == replace(rule, title="anders gesagt").fingerprint, rule.code


@pytest.mark.django_db
def test_another_period_or_condition_is_another_rule():
    rule = retention.find("mail.body")
    later = replace(rule, period=rule.period + timedelta(days=1))
    other = replace(rule, where=lambda _day: retention.Q(kind="x"))
    fewer = replace(rule, sets={"body": "gelöscht"})
    assert len({one.fingerprint for one in (rule, later, other, fewer)}) == 4


def test_a_rule_cannot_be_registered_twice():
    rule = retention.find("mail.body")
    with pytest.raises(ValueError, match="twice"):
        retention._register(rule)
