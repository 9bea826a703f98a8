"""Being signed in: own devices, ending them, and rights that end at the next click (T3)."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from members.models import Amt, Membership, Session
from members.services import invitations, sessions
from portal.common import clock
from tests.conftest import BACKEND, pass_second_factor
from tests.retention_help import tonight
from tests.world import TOTP_SECRET, canary, make_amt

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
PASSWORD = "ein langer Satz über Rüben"


def browser(user, agent=FIREFOX):
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR="203.0.113.7")
    client.force_login(user, backend=BACKEND)
    if user.has_second_factor:
        pass_second_factor(client, user)
    client.get("/ich/")
    return client


def test_the_page_shows_own_devices_only_and_marks_this_one(world):
    user = world.user("member")
    here, _ = browser(user), browser(user, "Mozilla/5.0 (iPhone) Version/17.0 Safari/604.1")
    browser(world.user("newcomer"), "Mozilla/5.0 (X11; Linux) Chrome/130.0")
    found = here.get(reverse("members:sessions")).context["devices"]
    assert [(one.device, one.is_this) for one in found] == [
        ("Firefox auf Windows", True),
        ("Safari auf iPhone", False),
    ]
    assert {one.active_on for one in found} == {clock.today()}


def test_neither_the_ip_nor_the_whole_browser_name_is_kept(world):
    here = browser(world.user("member"))
    stored = str(Session.objects.values().get()) + str(dict(here.session))
    assert [part for part in ("203.0.113", "Gecko") if part in stored] == []


def test_the_page_never_shows_the_key_of_a_session(world):
    user = world.user("member")
    here, other = browser(user), browser(user)
    page = here.get(reverse("members:sessions")).content.decode()
    keys = (here.session.session_key, other.session.session_key)
    assert [key for key in keys if key in page] == []


def test_one_device_or_all_others_can_be_ended(world):
    user = world.user("member")
    here, second, third = browser(user), browser(user), browser(user)
    mark = sessions._mark(second.session.session_key)
    here.post(reverse("members:session_end"), {"mark": mark})
    codes = [client.get("/ich/").status_code for client in (here, second, third)]
    assert codes == [200, 302, 200]
    here.post(reverse("members:session_end"))
    assert [client.get("/ich/").status_code for client in (here, third)] == [200, 302]


def test_nobody_ends_the_session_of_somebody_else(world):
    here, other = browser(world.user("member")), browser(world.user("newcomer"))
    mark = sessions._mark(other.session.session_key)
    here.post(reverse("members:session_end"), {"mark": mark})
    assert other.get("/ich/").status_code == 200


def test_a_new_password_ends_all_other_sessions(world):
    user = world.user("member")
    user.set_password("das alte, lange Passwort")
    user.save()
    here, other = browser(user), browser(user)
    data = {
        "oldpassword": "das alte, lange Passwort",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert here.post(reverse("account_change_password"), data).status_code == 302
    assert [client.get("/ich/").status_code for client in (here, other)] == [200, 302]
    assert Session.objects.filter(user=user).count() == 1


def test_locking_a_login_ends_its_sessions_at_once(world):
    user = world.user("member")
    here = browser(user)
    invitations.lock(user.person, world.person("staff"))
    assert here.get("/ich/").url.startswith(reverse("account_login"))
    assert Session.objects.filter(user=user).count() == 0
    invitations.unlock(user.person, world.person("staff"))
    assert here.get("/ich/").status_code == 302  # the old session does not come back


def test_expired_sessions_are_forgotten(world):
    browser(world.user("member"))
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        assert tonight("session") == {"session": 1}


# --- Offices that end and begin while somebody is signed in -----------------------------------


@pytest.fixture
def open_tab(world):
    """An Ansprechperson with a page about a newcomer open."""
    client = browser(world.user("ansprechperson"))
    page = reverse("members:newcomer", args=[world.onboarding("newcomer").pk])
    assert client.get(page).status_code == 200
    return client, page


def test_an_ex_officers_open_tab_shows_nothing_at_the_next_click(open_tab, world):
    client, page = open_tab
    yesterday = clock.today() - timedelta(days=1)
    Amt.objects.filter(person=world.person("ansprechperson")).update(ende=yesterday)
    assert client.get(page).status_code == 404
    assert client.get("/heute/").status_code == 403
    assert canary("newcomer") not in client.get(reverse("members:newcomers")).content.decode()


def test_an_office_ends_by_the_calendar_between_two_clicks(open_tab, world):
    client, page = open_tab
    Amt.objects.filter(person=world.person("ansprechperson")).update(ende=clock.today())
    assert client.get(page).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert client.get(page).status_code == 404


def test_whoever_leaves_the_party_loses_the_office_at_the_next_click(open_tab, world):
    client, page = open_tab
    memberships = Membership.objects.filter(person=world.person("ansprechperson"))
    memberships.update(has_ended=True, left_on=clock.today())
    assert client.get(page).status_code == 404


def test_a_new_office_without_a_factor_leads_to_enrolment_at_the_next_click(world):
    client = browser(world.user("member"))
    assert client.get("/start/").status_code == 200
    make_amt(world.person("member"), world.gliederung("Gehrden"), Amt.Kind.STELLVERTRETUNG)
    assert client.get("/heute/").url == reverse("mfa_choose")


def test_a_new_office_with_a_factor_from_elsewhere_must_be_passed_here(world):
    client = browser(world.user("member"))
    make_amt(world.person("member"), world.gliederung("Gehrden"), Amt.Kind.STELLVERTRETUNG)
    TOTP.activate(world.user("member"), TOTP_SECRET)
    assert client.get("/heute/").url.startswith(reverse("mfa_reauthenticate"))
