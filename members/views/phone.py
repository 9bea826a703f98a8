"""„Telefonisch für …“: what somebody said, entered by whoever spoke with them (R1)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from members import policies
from members.forms.answers import PhoneForm
from members.forms.profile import ShiftsForm
from members.http import UserRequest
from members.models import Onboarding, Person
from members.services import answers
from members.views.profile import copied_week, shift_letters
from portal.common.errors import DomainError


def _get(request: UserRequest, pk: Any) -> Person:
    visible = Person.objects.visible_to(request.user).select_related("gliederung__level")
    person = get_object_or_404(visible, pk=pk)
    if not policies.can_answer_for(request.user, person):
        raise Http404
    return person


@require_http_methods(["GET", "POST"])
def by_phone(request: UserRequest, pk: Any) -> HttpResponse:
    """Everything this person could answer alone, on one page."""
    person = _get(request, pk)
    asked = answers.asked_of(person)
    form = PhoneForm(request.POST if request.method == "POST" else None, asked=asked)
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
        "elsewhere": [entry.answer for entry in asked if entry.answer.phone_page],
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


@require_http_methods(["GET", "POST"])
def shifts(request: UserRequest, pk: Any) -> HttpResponse:
    """The shift plan of somebody who says it on the phone."""
    person = _get(request, pk)
    letters = shift_letters(person)
    form = ShiftsForm(request.POST if request.method == "POST" else None, letters=letters)
    if request.method == "POST" and form.is_valid():
        week = copied_week(request)
        changed = answers.enter(person, {"shifts": form.letters(week)}, request.user.person)
        if week is not None:
            return redirect(f"{request.path}#woche-{week}")
        _say(request, person, changed)
        return redirect("members:by_phone", person.pk)
    return render(request, "members/shifts.html", {"form": form, "person": person})


def _say(request: UserRequest, person: Person, changed: list[str]) -> None:
    if changed:
        what = ", ".join(changed)
        messages.success(request, f"Für {person.first_name} eingetragen: {what}.")
    else:
        messages.info(request, "Es hat sich nichts geändert.")
