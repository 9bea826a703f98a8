"""„Telefonisch für …“: what somebody said, entered by whoever spoke with them (R1)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from members import policies
from members.forms.post import PhoneForm
from members.http import UserRequest
from members.models import Onboarding, Person
from members.services import answers
from portal.common.errors import DomainError


@require_http_methods(["GET", "POST"])
def by_phone(request: UserRequest, pk: Any) -> HttpResponse:
    """Everything this person could answer alone, on one page."""
    visible = Person.objects.visible_to(request.user).select_related("gliederung__level")
    person = get_object_or_404(visible, pk=pk)
    if not policies.can_answer_for(request.user, person):
        raise Http404
    form = PhoneForm(request.POST or None, asked=answers.asked_of(person))
    onboarding = person.onboardings.order_by("-started_on").first()
    if request.method == "POST" and form.is_valid():
        try:
            changed = answers.enter(person, form.cleaned_data, request.user.person)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            _say(request, person, changed)
            return _back(request, person)
    context = {
        "form": form,
        "person": person,
        "onboarding": onboarding,
        "entered": answers.entered_for(person),
    }
    return render(request, "members/by_phone.html", context)


def _back(request: UserRequest, person: Person) -> HttpResponse:
    """To the newcomer, unless the answer ended that („lieber nicht“) and hides them again."""
    onboarding = person.onboardings.order_by("-started_on").first()
    if not Person.objects.visible_to(request.user).filter(pk=person.pk).exists():
        return redirect("dashboards:heute")
    if onboarding and Onboarding.objects.visible_to(request.user).filter(pk=onboarding.pk).exists():
        return redirect("members:newcomer", onboarding.pk)
    return redirect("members:by_phone", person.pk)


def _say(request: UserRequest, person: Person, changed: list[str]) -> None:
    if changed:
        what = ", ".join(changed)
        messages.success(request, f"Für {person.first_name} eingetragen: {what}.")
    else:
        messages.info(request, "Es hat sich nichts geändert.")
