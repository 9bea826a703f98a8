"""Interested people: whom to call, who has applied, and what looks like a machine."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.interest import ApplicationForm
from members.http import UserRequest, posted_ids, require
from members.models import Interest
from members.services import admissions
from members.services import interest as service
from portal.common.errors import DomainError

ROWS_PER_PAGE = 50
State = Interest.State


@require_GET
def interested_list(request: UserRequest) -> HttpResponse:
    """Everybody who confirmed an address and has not applied yet; who waits for a call first."""
    require(policies.can_welcome(request.user))
    found = Interest.objects.visible_to(request.user).filter(state=State.CONFIRMED)
    rows = found.select_related("person__gliederung", "responsible")
    page = Paginator(rows.order_by("-talked_on", "confirmed_at", "pk"), ROWS_PER_PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "may_check": policies.can_edit_people(request.user),
    }
    return render(request, "members/interested_list.html", context)


def _get(request: UserRequest, pk: Any) -> Interest:
    found = Interest.objects.visible_to(request.user).filter(state=State.CONFIRMED)
    return get_object_or_404(
        found.select_related("person__gliederung__level", "responsible"), pk=pk
    )


@require_http_methods(["GET", "POST"])
def interested(request: UserRequest, pk: Any) -> HttpResponse:
    """One person: how to reach them; and one form that turns them into an applicant."""
    found = _get(request, pk)
    require(policies.can_welcome(request.user))
    person = found.person
    if person is None:  # the constraint says that this cannot be
        raise Http404
    form = ApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = admissions.apply(person, given["applied_on"], given["kind"], request.user.person)
        except DomainError as refusal:
            form.add_error("applied_on", str(refusal))
        else:
            messages.success(request, f"Der Antrag von {person.full_name} ist eingetragen.")
            return redirect("members:admission", made.pk)
    context = {"interest": found, "person": person, "form": form}
    return render(request, "members/interested.html", context)


@require_POST
def interested_act(request: UserRequest, pk: Any, verb: str) -> HttpResponse:
    """One tap after a call, or the end of it all."""
    found = _get(request, pk)
    require(policies.can_welcome(request.user))
    by = request.user.person
    if verb not in ("gesprochen", "nicht-erreicht", "loeschen"):
        raise Http404
    try:
        if verb == "loeschen":
            if service.erase(found, by.pk):
                messages.success(request, "Alles gelöscht.")
            else:
                messages.info(request, "Beendet. Gelöscht wird, sobald die Sperre aufgehoben ist.")
        else:
            service.log_talk(found, reached=verb == "gesprochen", by=by)
            messages.success(request, "Eingetragen. Danke, dass du dich meldest.")
            return redirect("members:interested", found.pk)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("members:interested_list")


@require_GET
def held(request: UserRequest) -> HttpResponse:
    """Forms that look like a machine's; nothing was mailed for them."""
    require(policies.can_edit_people(request.user))
    rows = Interest.objects.visible_to(request.user).filter(state=State.HELD)
    page = Paginator(rows.order_by("created_at", "pk"), ROWS_PER_PAGE)
    return render(request, "members/interest_held.html", {"page": page.get_page(1)})


@require_POST
def held_act(request: UserRequest, verb: str) -> HttpResponse:
    """Send the link for one, or throw away one or all that are shown."""
    require(policies.can_edit_people(request.user))
    rows = Interest.objects.visible_to(request.user).filter(state=State.HELD)
    chosen = list(rows.filter(pk__in=posted_ids(request, "anfrage")))
    try:
        if verb == "freigeben":
            for one in chosen:
                service.release(one, request.user.person)
            messages.success(request, "Die Bestätigungsmail ist unterwegs.")
        elif verb == "verwerfen":
            count = service.discard([one.pk for one in chosen], request.user.person)
            messages.success(request, "Verworfen." if count == 1 else f"{count} verworfen.")
        else:
            raise Http404
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("members:interest_held")
