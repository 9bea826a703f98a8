"""„Wieder anknüpfen“: who has had no talk for long, invite some of them, see how it goes."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.waves import ConfirmWaveForm, WaveForm
from members.http import UserRequest, require
from members.models import Wave
from members.queries import pulse
from members.queries import waves as query
from members.services import waves as service

ROWS_PER_PAGE = 50
USUAL_MONTHS = 12


@require_GET
def waves(request: UserRequest) -> HttpResponse:
    """How many there are, and the waves so far."""
    require(policies.can_edit_people(request.user))
    found = query.without_contact(request.user, USUAL_MONTHS, request.user.district.gliederung)
    places = query.by_gliederung(found)
    page = Paginator(query.all_waves(), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "places": places,
        "count": sum(place.people for place in places),
        "months": USUAL_MONTHS,
        "page": page,
        "pulse": pulse.published(),
    }
    return render(request, "members/wave_list.html", context)


@require_http_methods(["GET", "POST"])
def wave_new(request: UserRequest) -> HttpResponse:
    """Choose, look at what would happen, and only then start it."""
    require(policies.can_edit_people(request.user))
    is_post = request.method == "POST"
    form = WaveForm((request.POST if is_post else request.GET) or None)
    if not form.is_valid():
        return render(request, "members/wave_form.html", {"form": form})
    data = form.cleaned_data
    found = query.without_contact(request.user, data["months"], data["gliederung"])
    preview = query.preview(query.next_ones(found, data["size"]))
    confirm = ConfirmWaveForm(request.POST if is_post else None, preview=preview)
    if is_post and confirm.is_valid():
        try:
            wave = service.start(form.order(confirm.cleaned_data), request.user)
        except service.WaveChanged as refusal:
            messages.error(request, str(refusal))
            confirm = ConfirmWaveForm(preview=preview)
        else:
            messages.success(
                request, "Die Welle läuft. Zurücknehmen kannst du sie auf dieser Seite."
            )
            return redirect("members:wave", wave.pk)
    context = {"form": form, "preview": preview, "confirm": confirm, "total": found.count()}
    return render(request, "members/wave_form.html", context)


@require_GET
def wave(request: UserRequest, pk: Any) -> HttpResponse:
    """Who was invited, and what became of it."""
    require(policies.can_edit_people(request.user))
    found = get_object_or_404(Wave.objects.select_related("gliederung", "created_by"), pk=pk)
    code = request.GET.get("liste", "alle")
    if code not in query.LISTS:
        raise Http404
    listed = query.rows(request.user, found, code)
    counts = query.counts(request.user, found)
    context = {
        "wave": found,
        "lists": [(entry, counts[entry.code]) for entry in query.LISTS.values()],
        "list": query.LISTS[code],
        "count": counts["alle"],
        "page": Paginator(listed, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "can_undo": query.untouched(found).count(),
    }
    return render(request, "members/wave_detail.html", context)


@require_POST
def wave_undo(request: UserRequest, pk: Any) -> HttpResponse:
    """Take back whoever has noticed nothing yet."""
    require(policies.can_edit_people(request.user))
    found = get_object_or_404(Wave, pk=pk)
    done = service.undo(found, request.user.person)
    said = f"Zurückgenommen: {done.people}."
    if done.stay:
        said += f" Bei {done.stay} ist schon etwas angekommen; sie bleiben in der Welle."
    messages.success(request, said)
    return redirect("members:wave", found.pk)
