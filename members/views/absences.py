"""„Ich bin weg“: on the own page, and in one tap on *Heute*."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from members import policies
from members.forms.absences import AbsenceForm
from members.http import UserRequest, require
from members.models import Absence
from members.services import absences as service
from portal.common import clock
from portal.common.dates import long_day
from portal.common.errors import DomainError

OTHERS = "Solange ruft jemand anderes an. Danach kommt alles von allein zu dir zurück."


@require_http_methods(["GET", "POST"])
def absences(request: UserRequest) -> HttpResponse:
    """Enter days on which one is away; no reason is asked."""
    require(policies.can_be_absent(request.user))
    person = request.user.person
    form = AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            absence = service.enter(person, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Eingetragen bis {long_day(absence.last_day)}. {OTHERS}")
            return redirect("members:absences")
    found = Absence.objects.unfinished().filter(person=person).order_by("first_day")
    context = {"form": form, "absences": found, "today": clock.today()}
    return render(request, "members/absences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def absent_this_week(request: UserRequest) -> HttpResponse:
    """„Diese Woche geht nichts“: one tap, until Sunday."""
    require(policies.can_be_absent(request.user))
    if request.method == "POST":
        absence = service.this_week(request.user.person)
        messages.success(request, f"Alles klar, bis {long_day(absence.last_day)}. {OTHERS}")
    return redirect("dashboards:heute")


@require_http_methods(["GET", "HEAD", "POST"])
def absence_end(request: UserRequest, pk: Any) -> HttpResponse:
    """Back again, or it was a mistake."""
    require(policies.can_be_absent(request.user))
    own = Absence.objects.filter(person=request.user.person_id)
    if request.method == "POST":
        service.end(get_object_or_404(own.select_related("person"), pk=pk))
        messages.success(request, "Zurückgenommen. Deine Neumitglieder sind wieder bei dir.")
    return redirect("dashboards:heute" if request.POST.get("heute") else "members:absences")
