"""The inbox of what an import left open."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members import policies
from members.forms.imports import GliederungForm
from members.http import UserRequest, require
from members.models import Person
from members.queries import places
from members.services import imports as service
from portal.common.errors import DomainError

ROWS_PER_PAGE = 50


@require_GET
def undecided(request: UserRequest) -> HttpResponse:
    """People whose Ortsverein or postal code a human has to settle."""
    require(policies.can_edit_people(request.user))
    people = Person.objects.visible_to(request.user).exclude(open_question="")
    page = Paginator(
        people.select_related("gliederung__level", "kommune").order_by("sort_name", "pk"),
        ROWS_PER_PAGE,
    ).get_page(request.GET.get("page"))
    return render(request, "members/undecided.html", {"page": page})


@require_http_methods(["GET", "POST"])
def decide(request: UserRequest, pk: Any) -> HttpResponse:
    """Put one person into an Ortsverein."""
    person = get_object_or_404(
        Person.objects.visible_to(request.user).exclude(open_question=""), pk=pk
    )
    require(policies.can_edit_people(request.user))
    likely = places.likely_gliederungen(person)
    initial = {"gliederung": person.gliederung_id}
    form = GliederungForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        gliederung = form.cleaned_data["gliederung"]
        try:
            service.decide_gliederung(person, gliederung, request.user.person)
        except DomainError as refusal:
            form.add_error("gliederung", str(refusal))
        else:
            messages.success(request, f"{person.full_name} gehört jetzt zu {gliederung}.")
            return redirect("members:undecided")
    context = {"person": person, "form": form, "likely": likely}
    return render(request, "members/decide.html", context)
