"""„Telefonisch für …“: register somebody while talking (R1)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from events import queries
from events.models import Registration
from events.services import answers
from members.http import UserRequest, posted_ids
from members.models import Person
from members.policies import can_answer_for
from portal.common.errors import DomainError

COMING = 8
State = Registration.State
SAID_ABOUT_THEM = {State.REGISTERED: "kommt", State.OFFERED: "Platz frei"}


@require_http_methods(["GET", "HEAD", "POST"])
def by_phone(request: UserRequest, pk: Any) -> HttpResponse:
    """The next events this person could come to; each one tap."""
    people = Person.objects.visible_to(request.user).select_related("gliederung__level")
    person = get_object_or_404(people, pk=pk)
    if not can_answer_for(request.user, person):
        raise Http404
    rows = answers.open_to(person)
    if request.method == "POST":
        event = get_object_or_404(rows, pk__in=posted_ids(request, "termin", most=1))
        try:
            answers.enter(
                event, person, request.user.person, comes=request.POST.get("kommt") == "ja"
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Eingetragen.")
        return redirect("events:by_phone", person.pk)
    context = {
        "person": person,
        "rows": list(rows[:COMING]),
        "own_states": queries.OWN_STATES | SAID_ABOUT_THEM,
        "holding": [*Registration.HOLDING, Registration.State.WAITING],
    }
    return render(request, "events/by_phone.html", context)
