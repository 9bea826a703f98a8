"""Headers on every answer, and what a broken request gets."""

import pytest
from django.urls import reverse

from tests.security.matrix import ALLAUTH, cells

EXPECTED = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
GETS = [(name, cell) for name, cell in cells() if cell.method == "GET"]


def directives(policy):
    return {part.split()[0]: sorted(part.split()[1:]) for part in policy.split(";") if part.strip()}


def check(response):
    policy = response.headers["Content-Security-Policy"]
    assert directives(policy) == directives(EXPECTED["Content-Security-Policy"])
    for header, value in EXPECTED.items():
        if header != "Content-Security-Policy":
            assert response.headers[header] == value, header
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("persona", ["anon", "staff"])
@pytest.mark.parametrize(("name", "cell"), GETS)
def test_every_page_carries_the_headers(name, cell, persona, world, client_as):
    check(client_as(persona).get(reverse(name, kwargs=cell.make(world))))


@pytest.mark.parametrize("name", sorted(ALLAUTH - {"account_reset_password_from_key"}))
def test_account_pages_carry_the_headers(name, world, client):
    check(client.get(reverse(name)))


@pytest.mark.parametrize("path", ["/gibt-es-nicht/", "/neumitglieder/kein-uuid/"])
def test_an_unknown_page_does_too(path, world, client):
    response = client.get(path)
    assert response.status_code == 404
    check(response)


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?page=1e9",
        "?page=-1",
        "?liste=', ",
        "?q=" + "x" * 10_000,
        "?liste=%ff",
        "?ov=x",
        "?ov=",
    ],
)
def test_odd_query_strings_are_never_a_server_error(query, world, client_as):
    client = client_as("staff")
    for name in ("members:newcomers", "members:undecided", "members:mentoring"):
        assert client.get(reverse(name) + query).status_code < 500


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"result": "x", "submit_token": "y"},
        {"result": "reached", "submit_token": "not-a-uuid"},
        {"result": "reached", "submit_token": "8b0a4a70-6d2e-4f6e-9f0e-000000000001", "kind": "x"},
        {"result": ["reached", "not_reached"], "note": "x" * 281},
        {"result": "reached\x00"},
    ],
)
def test_odd_posts_are_never_a_server_error_and_log_nothing(data, world, client_as):
    onboarding = world.onboarding("newcomer")
    url = reverse("members:log_contact", args=[onboarding.pk])
    assert client_as("ansprechperson").post(url, data).status_code in (200, 400)
    assert onboarding.contacts.count() == 0


@pytest.mark.logs_errors
def test_an_error_undoes_the_request_and_says_so_in_german(world, client_as, monkeypatch):
    from members.models import Contact, Person
    from members.views import call_sheet

    def write_and_break(name, onboarding, contact):
        Person.objects.filter(onboardings=onboarding).update(plz="11111")
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(call_sheet, "redirect", write_and_break)
    client = client_as("ansprechperson", raise_request_exception=False)
    onboarding = world.onboarding("newcomer")
    response = client.post(
        reverse("members:log_contact", args=[onboarding.pk]),
        {"result": "reached", "submit_token": "8b0a4a70-6d2e-4f6e-9f0e-000000000001"},
    )
    assert response.status_code == 500
    assert "Es wurde nichts gespeichert" in response.content.decode()
    assert Contact.objects.count() == 0
    assert world.person("newcomer").plz == ""


def test_a_request_that_is_too_large_is_not_read(world, client):
    response = client.post("/konto/anmelden/", {"login": "x" * (6 * 1024 * 1024 + 1)})
    assert response.status_code == 413


def test_a_nul_in_a_cookie_is_refused(world, client):
    client.cookies["sessionid"] = "\x00abc"
    assert client.get("/").status_code == 400


def test_a_log_line_never_holds_a_token(world, client, written):
    from members.services import invitations

    invitation = invitations.ensure_invitation(world.person("newcomer"))
    token = invitations.token(invitation)
    url = reverse("members:invitation", args=[token])
    for send in (client.put, client.delete):
        send(url)
    client.get(url.rstrip("/") + "./")
    assert client.head(url).status_code == 200
    assert len(written()) >= 7
    assert token not in "".join(written())


def test_no_page_sets_a_cookie_for_visitors_without_a_form(world, client):
    for name in ("dashboards:home", "dashboards:imprint", "dashboards:privacy"):
        assert client.get(reverse(name)).cookies == {}
