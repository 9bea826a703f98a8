"""„Komm mit“ (R26): a card that names nobody, and an inviter who learns only what is ticked."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Card, Interest
from members.services import cards, interest
from tests.members.interested import ADDRESS, send


@pytest.fixture
def card(world):
    return cards.make(world.person("member"))


def come(card, **values):
    send(Client(), "members:come_along", {"code": card.code}, **values)
    return interest.confirm(Interest.objects.get(email=values.get("email", ADDRESS)))


def page_of(client_as, role="member"):
    return client_as(role).get(reverse("members:card")).content.decode()


def test_the_card_is_made_by_a_tap_and_shows_a_square(world, client_as):
    client = client_as("member")
    assert "Du hast noch keine Karte" in page_of(client_as)
    assert client.get(reverse("members:card_image")).status_code == 404
    client.post(reverse("members:card"))
    assert Card.objects.get().code in page_of(client_as)
    image = client.get(reverse("members:card_image"))
    assert image["Content-Type"] == "image/svg+xml"
    assert b"<svg" in image.content


def test_the_code_reveals_nobody(card):
    assert re.fullmatch(r"[a-z2-9]{10}", card.code)
    page = Client().get(reverse("members:come_along", args=[card.code])).content.decode()
    unknown = Client().get(reverse("members:come_along", args=["abcdefghjk"])).content.decode()
    plain = [re.sub(r'value="[^"]+"', "", text) for text in (page, unknown)]
    assert plain[0] == plain[1]


@pytest.mark.parametrize("ticked", [True, False])
def test_the_inviter_learns_only_what_is_ticked(world, card, client_as, ticked):
    come(card, **({"tell_inviter": "on"} if ticked else {}))
    page = page_of(client_as)
    assert ("Ida hat sich über deine Karte gemeldet" in page) is ticked
    assert "Zzinteressiert" not in page
    assert "Ida" not in page_of(client_as, "newcomer")


def test_before_the_address_is_confirmed_nobody_is_told(world, card, client_as):
    send(Client(), "members:come_along", {"code": card.code}, tell_inviter="on")
    assert "Ida" not in page_of(client_as)


def test_who_deletes_everything_is_gone_from_the_inviters_page(world, card, client_as):
    interest.erase(come(card, tell_inviter="on"), None)
    assert "Ida" not in page_of(client_as)


def test_an_unknown_code_is_a_form_like_any_other(world):
    send(Client(), "members:come_along", {"code": "gibtesnicht"}, tell_inviter="on")
    assert Interest.objects.get().invited_by is None


def test_a_new_card_makes_the_old_one_lead_to_nobody(world, card):
    old = card.code
    cards.make(world.person("member"))
    send(Client(), "members:come_along", {"code": old})
    assert Interest.objects.get().invited_by is None
    assert Card.objects.count() == 1
