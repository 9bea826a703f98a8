"""Keeping the catalogue: what a Gliederung offers, and who asked for it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.mitmachen import FewFactsForm, OrtForm
from members.http import UserRequest, require
from members.models import Meldung, MitmachOrt
from members.queries import meldungen, orte
from members.services import mitmachen as service
from members.services.reference import MESSENGER
from portal.common.errors import DomainError

ROWS_PER_PAGE = 50
# The list below starts with the same ones; a page full of questions helps nobody.
MOST_QUESTIONS = 5


@require_GET
def kept(request: UserRequest) -> HttpResponse:
    """Every place one keeps, those that need a word first."""
    require(policies.can_keep_places(request.user))
    found = orte.kept_by(request.user)
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    owners = meldungen.Owners(request.user)
    context = {
        "page": page,
        "waiting": meldungen.waiting_answers(request.user, owners),
        "to_confirm": meldungen.to_confirm(request.user, owners)[:MOST_QUESTIONS],
    }
    return render(request, "members/mitmachen/kept.html", context)


@require_http_methods(["GET", "POST"])
def new(request: UserRequest) -> HttpResponse:
    """A few facts are enough to be in the catalogue."""
    require(policies.can_keep_places(request.user))
    form = FewFactsForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        ort = service.save_ort(form, request.user.person)
        messages.success(
            request,
            f"„{ort.title}“ steht jetzt im Katalog. Was noch hilft, kannst du hier ergänzen.",
        )
        return redirect("members:ort_edit", ort.pk)
    return render(request, "members/mitmachen/new.html", {"form": form})


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: Any) -> HttpResponse:
    ort = get_object_or_404(MitmachOrt.objects.kept_by(request.user), pk=pk)
    form = OrtForm(request.POST or None, instance=ort, user=request.user)
    if request.method == "POST" and form.is_valid():
        service.save_ort(form, request.user.person)
        messages.success(request, "Gespeichert.")
        return redirect("members:ort", ort.pk)
    title = MitmachOrt.objects.values_list("title", flat=True).get(pk=pk)
    context = {"form": form, "ort": ort, "title": title}
    return render(request, "members/mitmachen/edit.html", context)


@require_POST
def confirm(request: UserRequest, pk: Any) -> HttpResponse:
    """„Ja, gibt es noch“ in one tap."""
    ort = get_object_or_404(MitmachOrt.objects.visible_to(request.user), pk=pk)
    require(policies.can_confirm_place(request.user, ort))
    service.confirm(ort, request.user.person)
    messages.success(request, f"Danke. „{ort.title}“ bleibt ein halbes Jahr im Katalog.")
    return redirect("members:ort", ort.pk)


@require_POST
def close(request: UserRequest, pk: Any) -> HttpResponse:
    ort = get_object_or_404(MitmachOrt.objects.visible_to(request.user), pk=pk)
    require(policies.can_keep_place(request.user, ort))
    service.close(ort, request.user.person)
    messages.success(request, f"„{ort.title}“ steht nicht mehr im Katalog.")
    return redirect("members:ort", ort.pk)


@require_GET
def answers(request: UserRequest) -> HttpResponse:
    """Who asked for one's places, with first name and the channel they chose."""
    user = request.user
    require(policies.can_answer_meldungen(user))
    page = Paginator(meldungen.open_for(user), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    rows = meldungen.rows(user, list(page.object_list), MESSENGER)
    context = {
        "page": page,
        "mine": [row for row in rows if row.is_mine],
        "others": [row for row in rows if not row.is_mine],
        "answered": meldungen.answered_for(user)[:ROWS_PER_PAGE],
    }
    return render(request, "members/mitmachen/meldungen.html", context)


def _to_answer(request: UserRequest, pk: Any) -> Meldung:
    shown = Meldung.objects.shown().answerable_by(request.user)
    return get_object_or_404(shown.select_related("person"), pk=pk)


@require_POST
def answered(request: UserRequest, pk: Any) -> HttpResponse:
    meldung = _to_answer(request, pk)
    service.mark_answered(meldung, request.user.person)
    messages.success(request, f"Danke! {meldung.person.first_name} weiß jetzt Bescheid.")
    return redirect("members:meldungen")


@require_POST
def reopen(request: UserRequest, pk: Any) -> HttpResponse:
    meldung = _to_answer(request, pk)
    try:
        service.mark_open(meldung, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{meldung.person.first_name} wartet wieder auf eine Antwort.")
    return redirect("members:meldungen")
