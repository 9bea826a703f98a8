"""Known keys and harmless values, whoever logs; see tests/security/test_log_canary.py."""

import json
import logging
import sys
import uuid

import pytest
import structlog

from portal.common.logs import describe

CANARY = "Zzkanarie"
PK = uuid.UUID("8b0a4a70-6d2e-4f6e-9f0e-000000000001")

pytestmark = pytest.mark.logs_errors


def last(written):
    return json.loads(written()[-1])


@pytest.mark.parametrize(
    ("template", "args", "shown"),
    [
        ("Mail %s of kind %s broke", (PK, CANARY), f"Mail {PK} of kind … broke"),
        ("%s: %s", ("Not Found", f"/l/{CANARY}/"), "…: …"),
        ("Worker exiting (pid: %s)", (4711,), "Worker exiting (pid: 4711)"),
        ("%(name)s failed: %(exc)s", {"name": CANARY, "exc": CANARY}, "… failed: …"),
        ("Sleeping %.2f s of %r", (1.5, CANARY), "Sleeping 1.5 s of …"),
        (f"put together before: {CANARY}", (), "…"),
        (CANARY, None, "…"),
        (ValueError(CANARY), (1,), "…"),
        ("too few %s %s", (1,), "too few 1 …"),
    ],
)
def test_a_foreign_line_keeps_its_words_and_loses_its_values(template, args, shown):
    assert describe(template, args) == shown


def test_an_exception_is_its_type_and_our_lines(written):
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise ValueError(f"Key (email)=({CANARY})") from error
    except ValueError:
        logging.getLogger("django.request").error("%s: %s", "Error", CANARY, exc_info=True)

    entry = last(written)
    assert entry["error"] == "ValueError < KeyError"
    assert entry["frames"].startswith("tests/common/test_logs.py:")
    assert CANARY not in "".join(written())


def test_an_unknown_key_and_a_value_of_another_shape_do_not_leave(written):
    log = structlog.get_logger("portal.test")

    log.info("request", route=f"/suche/?q={CANARY} Kim", method="GET", name=CANARY, status=200)

    entry = last(written)
    assert (entry["route"], entry["method"], entry["status"]) == ("…", "GET", 200)
    assert set(entry) == {"at", "level", "logger", "event", "route", "method", "status"}


def test_an_event_of_ours_is_a_word_and_not_a_sentence(written):
    structlog.get_logger("portal.test").info(f"Mail an {CANARY}")

    assert last(written)["event"] == "…"


def test_extra_fields_of_other_packages_do_not_leave(written):
    logging.getLogger("other").warning("said %s", 1, extra={"email": CANARY, "stack_info_": "x"})

    assert set(last(written)) == {"at", "level", "logger", "line", "event"}


def test_the_end_of_a_process_quotes_nothing(written):
    from portal.common.logs import _crashed

    try:
        raise ValueError(CANARY)
    except ValueError as error:
        _crashed(type(error), error, error.__traceback__)

    assert (last(written)["event"], last(written)["error"]) == ("crashed", "ValueError")
    assert CANARY not in "".join(written())
    assert sys.excepthook is not _crashed  # locally Python's own
