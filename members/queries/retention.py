"""What the deletion rules do, for the people who answer for them: numbers, never names."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from members.models import User
from portal.common import periods, retaining, retention
from portal.common.models import RetentionApproval, RetentionRun
from portal.common.retention import Action, Rule

SHOWN_RUNS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as the page shows it."""

    rule: Rule
    period: str
    blanks: bool
    approval: RetentionApproval | None
    can_say_yes: bool
    tonight: RetentionRun | None
    runs: list[RetentionRun]

    @property
    def is_active(self) -> bool:
        return self.approval is not None and self.approval.second_by is not None

    @property
    def failed_on(self) -> date | None:
        return self.runs[0].day if self.runs and self.runs[0].error else None


def lines(user: User) -> list[Line]:
    """Every rule with its yeses and its last runs; two queries, however many there are."""
    approvals, runs = retaining.approvals(), _latest_runs()
    return [
        _line(rule, approvals.get(rule.code), runs[rule.code], user) for rule in retention.rules()
    ]


def _line(
    rule: Rule, approval: RetentionApproval | None, runs: list[RetentionRun], user: User
) -> Line:
    mine = approval is not None and approval.first_by == user.person_id
    done = approval is not None and approval.second_by is not None
    return Line(
        rule=rule,
        period=periods.in_words(rule.period),
        blanks=rule.action is Action.BLANK,
        approval=approval,
        can_say_yes=not (mine or done),
        tonight=next((run for run in runs if run.dry_run), None),
        runs=[run for run in runs if not run.dry_run][:SHOWN_RUNS],
    )


def _latest_runs() -> dict[str, list[RetentionRun]]:
    """The last days of all rules; older notes are for whoever asks the database."""
    found: dict[str, list[RetentionRun]] = defaultdict(list)
    most = 2 * (SHOWN_RUNS + 1) * len(retention.rules())
    for run in RetentionRun.objects.order_by("-day", "rule")[:most]:
        found[run.rule].append(run)
    return found
