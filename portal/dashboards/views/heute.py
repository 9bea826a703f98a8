"""*Heute*: the page of whoever calls newcomers."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from members.http import UserRequest
from members.models import Onboarding
from members.queries import reaching
from members.queries.calls import heute
from portal.common import clock
from portal.common.todos import todos_for


@dataclass(frozen=True, slots=True)
class Card:
    """One person to call: by which way, and when it fits."""

    onboarding: Onboarding
    way: reaching.Way | None
    when: str


@require_GET
def heute_page(request: UserRequest) -> HttpResponse:
    """Whom to call this week: three at most, and then it is enough (R8)."""
    if not request.user.can("onboarding.act"):
        raise PermissionDenied
    day = heute(request.user)
    context = {
        "day": day,
        "cards": [_card(onboarding) for onboarding in day.calls],
        # Calls stand above; old places wait behind *Mitmachen*: 12 queries are the limit here.
        "others": todos_for(request.user, leave_out=("call", "not_arrived", "ort")),
        "greeting": clock.greeting(),
        "today": clock.today(),
    }
    return render(request, "dashboards/heute.html", context)


def _card(onboarding: Onboarding) -> Card:
    may_use_messenger: bool = getattr(onboarding, "may_use_messenger", False)
    way = reaching.best_way(onboarding.person, may_use_messenger=may_use_messenger)
    return Card(onboarding, way, reaching.when(onboarding.person))
