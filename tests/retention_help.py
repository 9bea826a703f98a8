"""Let the night come: two people have said yes, and the deletion rules run."""

from uuid import UUID

from portal.common import retaining, retention

FIRST, SECOND = UUID(int=1), UUID(int=2)


def approved(*codes: str) -> list[retention.Rule]:
    """Every rule, or those named, with both yeses."""
    rules = [rule for rule in retention.rules() if not codes or rule.code in codes]
    waiting = retaining.waiting()
    needed = [rule.code for rule in rules if rule.code in waiting]
    if needed:
        retaining.approve(needed, FIRST)
        retaining.approve(needed, SECOND)
    assert not codes or len(rules) == len(codes)
    return rules


def tonight(*codes: str) -> dict[str, int]:
    """Run the rules; returns what each of them took, without those that took nothing."""
    outcomes = retaining.run(approved(*codes))
    assert [one.error for one in outcomes if one.error] == []
    return {one.rule.code: one.count for one in outcomes if one.count}
