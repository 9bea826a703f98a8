"""Let the night come: the test world has said yes to every deletion rule, and they run."""

from portal.common import retaining, retention


def tonight(*codes: str) -> dict[str, int]:
    """Run every rule, or those named; returns what each took, without those that took nothing."""
    rules = [rule for rule in retention.rules() if not codes or rule.code in codes]
    assert len(rules) == len(codes) or not codes
    outcomes = retaining.run(rules)
    assert [one.error for one in outcomes if one.error] == []
    return {one.rule.code: one.count for one in outcomes if one.count}
