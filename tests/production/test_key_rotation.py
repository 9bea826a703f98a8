"""A new SECRET_KEY with the old one as fallback throws nobody out and kills no link."""

import pytest
from django.core import signing
from django.urls import reverse

from members.services import invitations
from portal.common import links


@pytest.fixture
def rotate(settings):
    def act():
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "a-new-key-of-fifty-signs-0123456789-0123456789-01234"

    return act


def test_links_and_sessions_from_before_live_on(world, client_as, settings, rotate):
    client = client_as("ansprechperson")
    invitation = invitations.ensure_invitation(world.person("newcomer"))
    token = invitations.token(invitation)
    link = links.signed_url("nobody-called", str(world.onboarding("newcomer").pk))

    rotate()

    assert client.get(reverse("dashboards:heute")).status_code == 200
    assert client.get(link.removeprefix(settings.BASE_URL)).status_code == 200
    assert invitations.find(token) == invitation


def test_without_the_fallback_a_link_is_dead(world, settings):
    link = links.signed_url("nobody-called", str(world.onboarding("newcomer").pk))
    token = link.rstrip("/").rpartition("/")[2]
    settings.SECRET_KEY = "a-new-key-of-fifty-signs-0123456789-0123456789-01234"
    with pytest.raises(signing.BadSignature):
        signing.loads(token, salt="link")
