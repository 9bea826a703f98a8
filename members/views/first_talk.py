"""The guide for the first talk, saved in one tap."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.forms.first_talk import FirstTalkForm
from members.http import UserRequest
from members.services import first_talk as service
from members.views.call_sheet import get_newcomer
from portal.common.errors import DomainError


@require_http_methods(["GET", "POST"])
def first_talk(request: UserRequest, pk: Any) -> HttpResponse:
    """Motives, expectations, skills, time: ticked while talking, everything may stay open."""
    onboarding = get_newcomer(request, pk)
    form = FirstTalkForm(
        request.POST if request.method == "POST" else None,  # an empty one counts, too
        onboarding=onboarding,
        topics=onboarding.person.topics.all(),
    )
    if not form.is_valid():
        context = {"onboarding": onboarding, "person": onboarding.person, "guide": form}
        return render(request, "members/first_talk.html", context)
    try:
        service.save(onboarding, form.changed(), request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        name = onboarding.person.first_name
        messages.success(request, f"Gespeichert. {name} sieht das auch auf der eigenen Seite.")
    return redirect("members:newcomer", onboarding.pk)
