"""What would hurt most in the wrong hands asks again who is there (T2, T6)."""

import json
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from members.login_code import derive
from members.reauth import recently_confirmed
from portal import urls as portal_urls
from portal.common import clock
from portal.common.models import OutgoingMail
from tests.conftest import BACKEND
from tests.world import TOTP_SECRET

PASSWORD = "ein langer Satz über Rüben"
PAGE = "/geschuetzt/?liste=alle"
QUOTED = "next=%2Fgeschuetzt%2F%3Fliste%3Dalle"


@recently_confirmed
def guarded(request):
    return HttpResponse(f"offen {request.method}")


urlpatterns = [
    path("geschuetzt/", guarded),
    path("geschuetzt/nur-post/", guarded),
    path("", include(portal_urls.urlpatterns)),
]
handler400, handler403 = portal_urls.handler400, portal_urls.handler403
handler404, handler500 = portal_urls.handler404, portal_urls.handler500


@pytest.fixture(autouse=True)
def _guarded_page(settings):
    settings.ROOT_URLCONF = __name__
    cache.clear()  # one test must not use up another's tries


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def confirm_page(client) -> str:
    answer = client.get(PAGE)
    assert answer.url.startswith(reverse("members:confirm"))
    return answer.url


def mailed_code(user) -> str:
    mail = OutgoingMail.objects.filter(recipient_key=user.person_id).latest("created_at")
    assert mail.kind == "account.login_code"
    return derive(mail.pk)


def app_code() -> str:
    return format_hotp_value(hotp_value(TOTP_SECRET, next(yield_hotp_counters_from_time())))


def test_five_minutes_after_signing_in_the_page_asks_again(client_as):
    client = client_as("staff")
    assert client.get(PAGE).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=4, seconds=50)):
        assert client.get(PAGE).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        confirm_page(client)


def test_what_was_posted_too_late_is_refused_and_leads_back_to_its_form(client_as):
    client = client_as("staff")
    assert client.post("/geschuetzt/").content == b"offen POST"
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        form = f"http://testserver{PAGE}"
        late = client.post("/geschuetzt/nur-post/", headers={"referer": form})
        assert late.url == f"{reverse('members:confirm')}?{QUOTED}"
        elsewhere = client.post(
            "/geschuetzt/", headers={"referer": "https://example.org/geschuetzt/"}
        )
        assert elsewhere.url == f"{reverse('members:confirm')}?next=%2Fgeschuetzt%2F"


def test_whoever_has_an_app_confirms_with_it_and_is_back(client_as):
    client = client_as("staff")
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        asked = client.get(confirm_page(client))
        assert asked.url == f"{reverse('mfa_reauthenticate')}?{QUOTED}"
        assert client.post(asked.url, {"code": "000000"}).status_code == 200
        confirm_page(client)
        assert client.post(asked.url, {"code": app_code()}).url == PAGE
        assert client.get(PAGE).status_code == 200


def test_whoever_has_a_passkey_only_is_sent_to_it(world):
    user, data = world.user("member"), {"name": "Handy", "credential": {}}
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)
    client = signed_in(user)
    asked = client.get(confirm_page(client))
    assert asked.url.startswith(reverse("mfa_reauthenticate_webauthn"))
    assert client.post(asked.url, {"credential": json.dumps({"id": "x"})}).status_code == 302
    confirm_page(client)


def test_a_password_alone_does_not_confirm_somebody_with_a_second_factor(world):
    user = world.user("member")
    user.set_password(PASSWORD)
    user.save()
    client = signed_in(user)
    TOTP.activate(user, TOTP_SECRET)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    confirm_page(client)


def test_whoever_has_a_password_confirms_with_it(world):
    user = world.user("member")
    user.set_password(PASSWORD)
    user.save()
    client = signed_in(user)
    asked = client.get(confirm_page(client))
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert client.post(asked.url, {"password": PASSWORD}).url == PAGE
    assert client.get(PAGE).status_code == 200


def test_whoever_signs_in_by_code_confirms_by_code(world):
    user = world.user("newcomer")
    client = signed_in(user)
    page = confirm_page(client)
    assert "Code schicken" in client.get(page).content.decode()
    assert client.post(page, {"code": "ABCD-EFGH"}).status_code == 200
    assert client.post(page).url == page
    assert client.post(page, {"code": "ABCD-EFGH"}).status_code == 200
    confirm_page(client)
    typed = mailed_code(user).lower().replace("-", " ")
    assert client.post(page, {"code": typed}).url == PAGE
    assert client.get(PAGE).status_code == 200


def test_a_mailed_code_counts_once_and_for_ten_minutes(world):
    user = world.user("newcomer")
    client = signed_in(user)
    page = confirm_page(client)
    client.post(page)
    code = mailed_code(user)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert client.post(page, {"code": code}).status_code == 200
    assert client.post(page, {"code": code}).url == PAGE
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert client.post(page, {"code": code}).status_code == 200
        confirm_page(client)


def test_a_code_mailed_to_somebody_else_confirms_nobody(world):
    newcomer, other = signed_in(world.user("newcomer")), signed_in(world.user("other_newcomer"))
    newcomer.post(confirm_page(newcomer))
    page = confirm_page(other)
    other.post(page)
    code = mailed_code(world.user("newcomer"))
    assert other.post(page, {"code": code}).status_code == 200
    confirm_page(other)


def test_guessing_codes_ends_at_the_door(world):
    client = signed_in(world.user("newcomer"))
    page = confirm_page(client)
    tries = [client.post(page, {"code": "ABCD-EFGH"}).status_code for _ in range(6)]
    assert tries == [200, 200, 200, 200, 200, 429]


@pytest.mark.parametrize("page", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_nobody_is_sent_to_somebody_elses_site(page, client_as):
    answer = client_as("staff").get(reverse("members:confirm"), {"next": page})
    assert answer.url == reverse("dashboards:home")


def test_in_the_demo_one_tap_confirms(client_as, settings):
    client = client_as("staff")
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        page = confirm_page(client)
        asked = reverse("mfa_reauthenticate")
        assert client.post(page).url.startswith(asked), "outside of the demo a tap proves nothing"
        settings.DEMO = True
        assert "Ich bin es" in client.get(page).content.decode()
        assert client.post(page).url == PAGE
        assert client.get(PAGE).status_code == 200
