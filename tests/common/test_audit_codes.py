"""Every code the log may contain is said in German somewhere, and nothing else is registered."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.common import audit_codes

ROOT = Path(__file__).resolve().parents[2]
APPS = ("portal", "members", "events", "campaigns")


def texts(node: ast.expr, function: ast.AST) -> Iterator[str]:
    """What an expression may be; "…" stands for what only the running code knows."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from texts(one, function)
            yield from texts(other, function)
        case ast.JoinedStr(values=parts):
            yield "".join(p.value if isinstance(p, ast.Constant) else "…" for p in parts)
        case ast.Name(id=name):
            for line in ast.walk(function):
                if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == name:
                    yield from texts(line.value, function)


def recorded() -> dict[str, str]:
    """Code → where it is recorded, for every call of `audit.record` in the code base."""
    found: dict[str, str] = {}
    for path in (file for app in APPS for file in (ROOT / app).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record":
                    place = f"{path.relative_to(ROOT)}:{call.lineno}"
                    codes = list(texts(call.args[0], function))
                    assert codes, f"{place}: write the code as text, so that it can be found"
                    found |= dict.fromkeys(codes, place)
    return found


def is_meant(registered: str, code: str) -> bool:
    begins = code.partition("…")[0]
    return registered.startswith(begins) if "…" in code else registered == code


def registered() -> set[str]:
    return {code for group in audit_codes.groups() for code in group.sentences}


def test_every_code_that_is_recorded_has_a_sentence():
    """Seen red with one sentence taken away."""
    known = registered()
    silent = {
        code: place
        for code, place in recorded().items()
        if not any(is_meant(one, code) for one in known)
    }
    assert silent == {}


def test_every_sentence_belongs_to_a_code_that_is_recorded():
    codes = recorded()
    assert {one for one in registered() if not any(is_meant(one, code) for code in codes)} == set()


def test_every_state_of_a_transfer_that_is_recorded_has_a_sentence():
    from members.models import Transfer

    states = set(Transfer.State.values) - {"open"}
    assert {state for state in states if not audit_codes.sentence(f"transfer.{state}")} == set()


def test_a_code_that_begins_like_a_family_is_said_like_it():
    assert audit_codes.sentence("consent.given.messenger") == "Einwilligung gegeben"
    assert audit_codes.sentence("consent.given") is None
    assert audit_codes.sentence("nobody.knows") is None


def test_a_code_is_registered_once():
    group = audit_codes.Group("neu", "Neu", {"amt.given": "Amt vergeben"})
    with pytest.raises(ValueError, match="registered twice"):
        audit_codes.register(group)
