"""„Komm mit“: my card, to show or to print."""

import io

import qrcode  # type: ignore[import-untyped]  # has no stubs
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from qrcode.image.svg import SvgPathImage  # type: ignore[import-untyped]  # the same

from members.http import UserRequest
from members.models import Card
from members.services import cards


def _url(card: Card) -> str:
    return settings.BASE_URL + reverse("members:come_along", args=[card.code])


@require_http_methods(["GET", "POST"])
def card(request: UserRequest) -> HttpResponse:
    """The card; POST makes the first, or a new one in its place."""
    person = request.user.person
    if request.method == "POST":
        cards.make(person)
        messages.success(request, "Deine Karte ist fertig.")
        return redirect("members:card")
    found = Card.objects.filter(person=person).first()
    context = {
        "card": found,
        "url": _url(found) if found else "",
        "told": cards.told(person),
    }
    return render(request, "members/card.html", context)


@require_GET
def card_image(request: UserRequest) -> HttpResponse:
    """The square that a phone reads, drawn here: no third party learns whose it is."""
    found = Card.objects.filter(person=request.user.person_id).first()
    if found is None:
        raise Http404
    drawn = io.BytesIO()
    qrcode.make(_url(found), image_factory=SvgPathImage, border=2).save(drawn)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
