"""The outbox over the real SMTP sink, with kinds of mail that exist for one test."""

import itertools
import uuid

import pytest

from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.services import Draft, queue
from tests.common.facts import facts


@pytest.fixture
def mail_kind():
    """Return a function that registers a kind until the end of the test."""
    before = dict(kinds._kinds)

    def register(code="test.note", **changes):
        values = {
            "code": code,
            "title": "Test",
            "template": "members/welcome",
            "recipient": "Test",
            "reason": "Test",
            "mail_class": kinds.MailClass.DUTY,
            "counts_for_cap": False,
            "context": facts,
            "may_send": lambda _: None,
            "placeholders": before["members.welcome"].placeholders,
        }
        return kinds.register(kinds.MailKind(**(values | changes)))

    yield register
    kinds._kinds.clear()
    kinds._kinds.update(before)


@pytest.fixture
def put(db):
    """Return a function that queues one mail of a kind and returns its row."""
    numbers = itertools.count(1)

    def put_one(kind="test.note", **changes):
        number = next(numbers)
        key = f"{kind}:{number}"
        values = {
            "recipient_key": uuid.uuid4(),
            "address": f"kim{number}@example.org",
            "ids": {"number": str(number)},
        }
        queue(Draft(kind=kind, dedupe_key=key, **(values | changes)))
        return OutgoingMail.objects.get(dedupe_key=key)

    return put_one


@pytest.fixture
def state():
    """Return a function that reads state and reason of a row anew."""

    def read(mail):
        mail.refresh_from_db()
        return mail.state, mail.reason

    return read
