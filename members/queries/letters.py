"""Which letters wait for the printer, and which print runs are still open."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from members.models import Onboarding, User
from members.queries import post
from portal.common import clock
from portal.common.outbox.models import OutgoingMail

WELCOME = "members.welcome"
GONE = "nicht mehr im Portal"


def waiting() -> post.Rows:
    """What has to be printed now: the list and every number of letters come from here.

    A welcome whose newcomer has arrived or left is not needed; the night takes it out.
    """
    arriving = Onboarding.objects.running().filter(
        person=OuterRef("recipient_key"), person__memberships__has_ended=False
    )
    unprinted = post.letters(
        state=OutgoingMail.State.QUEUED, batch=None, not_before__lte=clock.now()
    )
    return unprinted.filter(~Q(kind=WELCOME) | Exists(arriving))


@dataclass(frozen=True, slots=True)
class PrintRun:
    """Letters printed together that nobody has ticked as sent yet."""

    batch: UUID
    printed_at: datetime
    first: str
    letters: int

    @property
    def names(self) -> str:
        others = self.letters - 1
        if not others:
            return self.first
        return f"{self.first} und {others} {'weiterer Brief' if others == 1 else 'weitere Briefe'}"


def open_runs(user: User) -> list[PrintRun]:
    """One entry for each print run, the newest first."""
    printed = post.letters(batch__isnull=False, state=OutgoingMail.State.QUEUED).defer("body")
    rows = sorted(post.with_people(user, printed), key=lambda row: str(row.mail.batch))
    runs = [_run(list(group)) for _, group in groupby(rows, key=lambda row: row.mail.batch)]
    return sorted(runs, key=lambda run: run.printed_at, reverse=True)


def _run(rows: list[post.PostRow]) -> PrintRun:
    mail, person = rows[0].mail, rows[0].person
    name = person.full_name if person else GONE
    # Printing sets both.
    assert mail.batch is not None
    assert mail.printed_at is not None
    return PrintRun(mail.batch, mail.printed_at, name, len(rows))
