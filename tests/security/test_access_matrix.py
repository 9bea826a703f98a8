"""Every URL × method × persona × object, derived from the URLconf (trust.md 3.1)."""

import pytest
from django.db import connection
from django.urls import NoReverseMatch, reverse

from members.models import Look
from portal.common import clock
from tests.security.cell import (
    COORDINATES,
    ENROL,
    FORBIDDEN,
    GEHRDEN,
    LOGIN,
    MISSING,
    MOVED,
    OK,
    PRIVACY,
    UETZE,
)
from tests.security.matrix import (
    ALLAUTH,
    SPEC,
    WITHOUT_FACTOR,
    cells,
    expected,
    foreign_canaries,
    walk,
)
from tests.world import CAST, PERSONAS, canary

# Whoever holds an office that shows others.
VIEWERS = GEHRDEN | UETZE | COORDINATES | PRIVACY

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
READS = ("select", "savepoint", "release savepoint", "rollback to savepoint", "set constraints")
# Reading a page may renew the session, and it says whom it showed; nothing else.
MAY_WRITE = ("members_session", "members_look")


def refuse_writes(execute, sql, params, many, context):
    text = sql.lower().lstrip(" (")
    allowed = text.startswith(READS) or any(table in text for table in MAY_WRITE)
    assert allowed, f"a GET or a refused request wrote: {sql[:120]}"
    return execute(sql, params, many, context)


def refuse_writes_but_audit(execute, sql, params, many, context):
    """That a file with people in it was fetched is written down (T2)."""
    if 'insert into "common_auditevent"' in sql.lower():
        return execute(sql, params, many, context)
    return refuse_writes(execute, sql, params, many, context)


def test_every_url_is_classified_once():
    assert sorted(walk()) == sorted([*SPEC, *ALLAUTH])


def test_no_row_is_vacuous():
    """A denial proves something only if somebody is let in (absent objects and demo aside)."""
    for name, listed in SPEC.items():
        if not name.startswith("dashboards:demo_"):
            assert any(cell.allowed for cell in listed), name


def outcome(response) -> str:
    if response.status_code == 404:
        return MISSING
    if response.status_code == 403:
        return FORBIDDEN
    if response.status_code == 302:
        if response.url.startswith(reverse("account_login")):
            return LOGIN
        return ENROL if response.url == reverse("mfa_choose") else MOVED
    return OK if response.status_code == 200 else str(response.status_code)


def shown(body: str) -> set[str]:
    return {role for role in CAST if canary(role) in body}


def looked_at(world, persona: str) -> set[str]:
    """Whom this persona has seen today, as it is written down (T2: all channels count)."""
    looks = Look.objects.filter(viewer=world.person(persona), day=clock.today())
    names = set(looks.values_list("person__family_name", flat=True))
    return {role for role in CAST if canary(role) in names}


CELLS = [
    pytest.param(name, cell, persona, id=f"{name}-{cell.method}-{cell.name or 'any'}-{persona}")
    for name, cell in cells()
    for persona in PERSONAS
]


@pytest.mark.parametrize(("name", "cell", "persona"), CELLS)
def test_cell(name, cell, persona, world, client_as):
    url = reverse(name, kwargs=cell.make(world))
    data = cell.data(world)
    want = expected(name, cell, persona)
    client = client_as(persona)
    send = getattr(client, cell.method.lower())
    if cell.method == "GET" or want not in (OK, MOVED):
        with connection.execute_wrapper(refuse_writes_but_audit if cell.is_file else refuse_writes):
            response = send(url, data)
    else:
        response = send(url, data)
    body = response.content.decode(errors="replace") + str(dict(response.headers))
    seen = {name for name in foreign_canaries(persona, cell) if name in body}
    assert seen == set()
    if outcome(response) == OK and persona in VIEWERS:
        assert shown(body) - {persona} <= looked_at(world, persona), "shown and not counted"
    if want in (OK, MOVED) and cell.shows and persona in cell.allowed:
        assert canary(cell.shows) in body
    if want not in ("any", "hidden"):
        assert outcome(response) == want


@pytest.mark.parametrize("name", sorted(SPEC))
def test_other_methods_are_refused(name, world, client_as):
    make = SPEC[name][0].make(world)
    known = {cell.method for cell in SPEC[name]}
    client = client_as("staff")
    for method in METHODS:
        if method not in known:
            response = getattr(client, method.lower())(reverse(name, kwargs=make))
            assert response.status_code == 405, method


POSTS = sorted({name for name, cell in cells() if cell.method == "POST"})


@pytest.mark.parametrize("name", POSTS)
def test_every_post_wants_a_csrf_token(name, world, client_as):
    cell = next(cell for cell in SPEC[name] if cell.method == "POST")
    url = reverse(name, kwargs=cell.make(world))
    client = client_as("staff", enforce_csrf_checks=True)
    with connection.execute_wrapper(refuse_writes):
        response = client.post(url, cell.data(world))
    assert response.status_code == 403


@pytest.mark.parametrize("name", ["members:newcomer", "members:log_contact", "members:decide"])
def test_a_foreign_object_looks_exactly_like_one_that_does_not_exist(name, world, client_as):
    client = client_as("ansprechperson")
    foreign = client.get(reverse(name, args=[world.onboarding("foreign_newcomer").pk]))
    absent = client.get(reverse(name, args=["00000000-0000-4000-8000-000000000000"]))
    assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content)


@pytest.mark.parametrize("name", sorted(ALLAUTH))
@pytest.mark.parametrize("persona", ["anon", "ex_officer", "staff_without_mfa"])
def test_account_pages_show_nobody(name, persona, world, client_as):
    kwargs = {"uidb36": "abc", "key": "def-ghi"} if "from_key" in name else {}
    try:
        url = reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        url = reverse(name)
    response = client_as(persona).get(url, follow=True)
    body = response.content.decode(errors="replace")
    assert [role for role in CAST if role != persona and canary(role) in body] == []
    # 403: without a password there is nothing to confirm oneself with.
    assert response.status_code in (200, 403, 404)


def test_only_these_pages_are_open_without_second_factor():
    from members.middleware import ENROL, OPEN

    assert (OPEN | ENROL) - ALLAUTH == WITHOUT_FACTOR
