"""Logs that can be read by anybody: known keys only, never a value that somebody typed.

Knows no Django, because gunicorn's master uses it before the application exists.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

HIDDEN = "…"
ROOT = Path(__file__).resolve().parents[2]
ID = r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}"
CODE = r"[A-Za-z_][\w.:-]*"
# Every key a line may carry, and the shape of its value; anything else does not leave.
ALLOWED: dict[str, str] = {
    "at": r"[\d:.TZ+-]+",
    "level": r"[a-z]+",
    "logger": CODE,
    "line": CODE + r"(:\d+)?",
    "event": r"(?s).*",  # made by `describe` or written in our code
    "request_id": r"[0-9a-f]{32}",
    "method": r"[A-Z]{1,10}",
    "route": rf"-|{CODE}",
    "status": r"\d{3}",
    "ms": r"\d+(\.\d+)?",
    "task": CODE,
    "task_id": ID,
    "state": CODE,
    "position": r"\d+",
    "hash": r"[0-9a-f]{64}",
    "error": rf"{CODE}( < {CODE})*",
    "frames": r"[\w./:< >-]*",
}
_SHAPES = {key: re.compile(shape) for key, shape in ALLOWED.items()}
_UUID = re.compile(ID)
_FIELD = re.compile(r"%(\((\w+)\))?[-#0 +]*[\d.*]*[a-zA-Z]")
_OURS = re.compile(r"[a-z_]+")


def _shown(value: object) -> str:
    """Ids and numbers may be read; every other argument may be somebody's name."""
    if isinstance(value, int | float):
        return str(value)
    return str(value) if _UUID.fullmatch(str(value)) else HIDDEN


def describe(template: object, args: object) -> str:
    """Return a foreign line without its values.

    Without arguments nobody knows whether the text was put together before, so none is told:
    the line's place in the code says enough.
    """
    if not args or not isinstance(template, str):
        return HIDDEN
    values = iter(args) if isinstance(args, tuple) else iter(())
    named = args if isinstance(args, Mapping) else {}

    def fill(field: re.Match[str]) -> str:
        return _shown(named.get(field[2], HIDDEN) if field[2] else next(values, HIDDEN))

    return _FIELD.sub(fill, template)


def _from_foreign(_logger: Any, _name: str, entry: dict[str, Any]) -> dict[str, Any]:
    record: logging.LogRecord = entry["_record"]
    entry["event"] = describe(record.msg, entry.pop("positional_args", ()))
    entry["line"] = f"{record.module}:{record.lineno}"
    return entry


def _chain(error: BaseException | None) -> list[str]:
    names: list[str] = []
    while error is not None and len(names) < 5:
        names.append(type(error).__qualname__)
        error = error.__cause__ or error.__context__
    return names


def frames(trace: TracebackType | None) -> list[str]:
    """Return where our own code was, outermost first; no source lines and no variables."""
    places = ((Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(trace))
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path, line in places
        if path.is_relative_to(ROOT) and "site-packages" not in path.parts
    ]


def _without_message(_logger: Any, _name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """An exception is its type and our lines: its text may quote a row, a form, an address."""
    found = entry.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if found is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        entry["error"] = " < ".join(_chain(error))
        entry["frames"] = " ".join(frames(error.__traceback__))
    return entry


def _stamp(_logger: Any, _name: str, entry: dict[str, Any]) -> dict[str, Any]:
    record: logging.LogRecord = entry["_record"]
    entry["level"], entry["logger"] = record.levelname.lower(), record.name
    if entry["_from_structlog"] and not _OURS.fullmatch(str(entry["event"])):
        entry["event"] = HIDDEN  # a sentence may quote somebody; ours are words for a search
    return entry


def _allow(_logger: Any, _name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Last before writing: only known keys, only values of their shape."""
    return {
        key: value if shape.fullmatch(str(value)) else HIDDEN
        for key, shape in _SHAPES.items()
        if (value := entry.get(key)) is not None
    }


def _readable(_logger: Any, _name: str, entry: dict[str, Any]) -> str:
    rest = " ".join(f"{key}={entry[key]}" for key in entry if key not in ("at", "level", "event"))
    return f"{entry['at'][11:19]} {entry['level'].upper()} {entry['event']} {rest}"


def config(*, level: str, readable: bool) -> dict[str, Any]:
    """Return the configuration for `logging.config`: one handler, every logger through it."""
    render = _readable if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [structlog.contextvars.merge_contextvars, _from_foreign],
        "processors": [
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _stamp,
            _without_message,
            _allow,
            render,
        ],
        "use_get_message": False,
        "pass_foreign_args": True,
    }
    own = {"handlers": ["console"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django would also mail tracebacks with form values to ADMINS; nothing leaves by mail.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "gunicorn.error": own,
            "gunicorn.access": own,
            # Billiard's: without a handler Python would print its exceptions as they are.
            "multiprocessing": own,
            # portal.celery writes one line per task.
            "celery": {"level": "WARNING"},
            "celery.app.trace": {"level": "CRITICAL"},
        },
    }


def configure(*, readable: bool) -> None:
    """Send structlog's loggers through the standard library's, where the formatter waits."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    if not readable:
        sys.excepthook = _crashed


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The end of a process writes a line too: Python's own would quote the exception's text."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger("portal").critical("crashed", exc_info=error)
