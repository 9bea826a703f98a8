"""T27: whatever is typed, asked for or broken, no log holds a word of it.

Seen red: with foreign lines written as `msg % args` (Django's "Not Found: …"), with an exception's
text in its line, and (Postgres) without `log_error_verbosity=terse` or without
`log_min_error_statement=panic`.
"""

import json
import re
import uuid

import pytest
from django.db import transaction
from django.urls import reverse

from portal.celery import app
from portal.common.logs import ALLOWED
from tests.security.matrix import ALLAUTH, cells
from tests.security.urls_for_logs import CANARY
from tests.services import services
from tests.world import PERSONAS

pytestmark = [pytest.mark.logs_errors, pytest.mark.urls("tests.security.urls_for_logs")]

FIELDS = (
    "login email password password1 code note name given_name family_name phone plz number q "
    "result answer topic when text comment reason subject body file"
).split()
TYPED = dict.fromkeys(FIELDS, f"{CANARY}@example.org")
# A surname of the cast is a canary too.
MARKS = (CANARY, CANARY.lower(), *(f"Zz{role.replace('_', '')}" for role in PERSONAS))


def check(lines):
    for line in lines:
        assert [mark for mark in MARKS if mark in line] == []
        assert set(json.loads(line)) <= set(ALLOWED)


@pytest.fixture
def postgres_log():
    """What the server wrote since the test began."""
    server = services().postgres
    if server is None:
        pytest.skip("another server was given; its log is not ours to read")
    begin = server.log.stat().st_size
    return lambda: server.log.read_bytes()[begin:].decode("utf-8", "replace")


def targets(world):
    """Each page in the world as it was: what one POST did, no other page has to live with."""
    for name, cell in cells():
        with transaction.atomic():
            url = reverse(name, kwargs=cell.make(world))
            yield url, {**TYPED, **cell.data(world), "note": CANARY}
            transaction.set_rollback(True)
    for name in sorted(ALLAUTH - {"account_reset_password_from_key"}):
        yield reverse(name), TYPED


@pytest.mark.parametrize("persona", ["anon", "ansprechperson", "staff"])
def test_no_page_writes_down_what_was_typed(persona, world, client_as, written, postgres_log):
    client = client_as(persona, raise_request_exception=False)
    client.defaults |= {"HTTP_USER_AGENT": CANARY, "REMOTE_ADDR": "192.0.2.77"}
    for url, data in targets(world):
        if url == reverse("account_logout"):
            continue
        client.get(url, {"q": CANARY, "liste": CANARY})
        client.post(url, data)
        client.put(url + CANARY, CANARY)

    assert sum('"event": "request"' in line for line in written()) > 50
    check(written())
    assert "192.0.2.77" not in "".join(written())
    assert CANARY not in postgres_log()


@pytest.mark.parametrize("kind", ["error", "form", "unique"])
def test_a_page_that_breaks_names_the_kind_of_error_and_our_lines(
    kind, live_world, client, written, postgres_log
):
    client.raise_request_exception = False
    assert client.post(f"/crash/{kind}/?q={CANARY}", {"name": CANARY}).status_code == 500

    check(written())
    (broken,) = [entry for line in written() if "error" in (entry := json.loads(line))]
    assert re.fullmatch(r"tests/security/urls_for_logs\.py:\d+", broken["frames"])
    (request,) = [e for line in written() if (e := json.loads(line))["event"] == "request"]
    assert (request["route"], request["status"]) == ("crash", 500)
    assert broken["request_id"] == request["request_id"]
    log = postgres_log()
    assert ("duplicate key" in log) is (kind == "unique")  # the log is read and is the right one
    assert CANARY not in log


@pytest.mark.parametrize("error", [ValueError(CANARY), KeyError(f"{CANARY} Kim")])
def test_a_task_that_breaks_says_its_name_and_id_only(error, db, written):
    name = f"test.breaks_{type(error).__name__}"

    @app.task(name=name, shared=False)
    def breaks(somebody):
        raise error

    pk = str(uuid.uuid4())
    breaks.apply(args=[CANARY], kwargs={}, task_id=pk)

    check(written())
    ends = [entry for line in written() if (entry := json.loads(line))["event"] == "task"]
    assert [(entry["task"], entry["task_id"]) for entry in ends] == [(name, pk)]
