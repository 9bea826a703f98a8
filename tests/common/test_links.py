"""A link in a mail shows on GET and acts on POST; anything wrong with it is one quiet page."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing

from portal.common import clock, links
from portal.common.links import LinkAction, LinkInvalid, resolve, signed_url

DAY = timedelta(days=1)


@pytest.fixture
def done():
    """The ids an action has worked on; the action exists for one test."""
    acted = []

    def describe(subject):
        return None if subject in acted else f"Wirklich {subject}?"

    def act(subject):
        acted.append(subject)
        return "Danke!"

    links.register(LinkAction("test-act", "Ja, bitte", 7 * DAY, describe, act))
    yield acted
    del links._actions["test-act"]


def token(subject="kim"):
    return signed_url("test-act", subject).rstrip("/").rpartition("/")[2]


def heading(response):
    return response.content.decode().partition("<h1>")[2].partition("</h1>")[0]


def test_a_link_leads_back_to_its_action_and_id(done):
    action, subject = resolve(token("kim"))

    assert (action.code, subject) == ("test-act", "kim")


def forged():
    return signing.dumps(["test-act", "kim"], salt="link", key="somebody else's key")


def other_salt():
    return signing.dumps(["test-act", "kim"], salt="invitation")


def unknown():
    return signing.dumps(["test-gone", "kim"], salt="link")


def changed():
    return (
        signing.dumps(["test-act", "eve"], salt="link").partition(":")[0]
        + ":"
        + (token().partition(":")[2])
    )


@pytest.mark.parametrize(
    "bad",
    [
        lambda: token()[:-1],
        lambda: token()[1:],
        lambda: token() + "a",
        lambda: "x",
        lambda: "::",
        forged,
        other_salt,
        unknown,
        changed,
        lambda: signing.dumps("test-act", salt="link"),
        lambda: signing.dumps(["test-act"], salt="link"),
        lambda: signing.dumps([["test-act"], "kim"], salt="link"),
        lambda: signing.dumps(None, salt="link"),
    ],
)
def test_a_wrong_link_does_nothing_and_says_so_quietly(world, client, done, bad):
    wrong = bad()
    with pytest.raises(LinkInvalid):
        resolve(wrong)

    for response in (client.get(f"/l/{wrong}/"), client.post(f"/l/{wrong}/")):
        assert response.status_code == 404
        assert heading(response) == "Dieser Link gilt nicht mehr"
    assert done == []


def test_a_link_dies_with_its_time(world, client, done):
    link = token()

    with time_machine.travel(clock.now() + 7 * DAY - timedelta(minutes=1)):
        assert client.get(f"/l/{link}/").status_code == 200
    with time_machine.travel(clock.now() + 7 * DAY + timedelta(minutes=1)):
        assert client.get(f"/l/{link}/").status_code == 404
        assert client.post(f"/l/{link}/").status_code == 404
    assert done == []


def test_opening_a_link_five_times_changes_nothing(world, client, done):
    answers = [client.get(f"/l/{token()}/") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert {answer.content.decode().count("<p>Wirklich kim?</p>") for answer in answers} == {1}
    assert done == []


def test_the_button_acts_once_and_a_second_press_answers_neutrally(world, client, done):
    link = token()

    first, second = client.post(f"/l/{link}/"), client.post(f"/l/{link}/")

    assert done == ["kim"]
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content.decode().count("Danke!</p>") == 1
    assert second.content.decode().count("Hier ist nichts mehr offen.</p>") == 1


def test_an_answer_is_never_kept_by_a_browser_or_proxy(world, client, done):
    assert client.get(f"/l/{token()}/")["Cache-Control"] == "private, no-store"


def test_other_methods_are_refused(world, client, done):
    assert client.put(f"/l/{token()}/").status_code == 405


def test_only_a_registered_action_gets_a_link_and_only_once(done):
    with pytest.raises(KeyError):
        signed_url("test-gone", "kim")
    with pytest.raises(ValueError, match="registered twice"):
        links.register(links._actions["test-act"])
