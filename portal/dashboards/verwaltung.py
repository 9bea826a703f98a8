"""The pages of *Verwaltung*: a hub, and one list and one form for every registered section."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from members.http import UserRequest
from members.policies import can_manage_organisation
from portal.common import verwaltung
from portal.common.errors import DomainError
from portal.common.verwaltung import Action, Section
from portal.dashboards import history
from portal.dashboards.queries import hub_cards

ROWS_PER_PAGE = 50
MEANWHILE = "Das hat gerade jemand anderes geändert. Bitte sieh nach und versuch es noch einmal."


@require_GET
def hub(request: UserRequest) -> HttpResponse:
    """Everything that is needed rarely, behind one door (R30)."""
    if not can_manage_organisation(request.user):
        raise PermissionDenied
    return render(request, "dashboards/verwaltung.html", {"groups": hub_cards(request.user)})


def _section(request: UserRequest, code: str) -> Section:
    section = verwaltung.find(code)
    if section is None:
        raise Http404
    if not section.may(request.user):
        raise PermissionDenied
    return section


@require_GET
def rows(request: UserRequest, section: str) -> HttpResponse:
    """The list of a section: search, chips, pages."""
    found = _section(request, section)
    if found.list_url:
        return redirect(found.list_url)
    listed = found.rows(request.user)
    if found.single:
        return redirect("dashboards:verwaltung_edit", found.code, listed.get().pk)
    words = request.GET.get("q", "")[:100].strip()
    chosen = next((f for f in found.filters if f.code == request.GET.get("liste")), None)
    chosen = chosen or next(iter(found.filters), None)
    if chosen:
        listed = chosen.narrow(listed)
    if words and found.search:
        listed = found.search(listed, words)
    page = Paginator(listed, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": found,
        "page": page,
        "rows": [_row(found, row) for row in page.object_list],
        "words": words,
        "can_search": found.search is not None,  # a template would call the function
        "chosen": chosen,
    }
    return render(request, "dashboards/verwaltung_list.html", context)


def _row(section: Section, row: Any) -> dict[str, Any]:
    first, *others = section.columns
    texts = [text for column in others if (text := str(column.value(row) or ""))]
    return {
        "pk": row.pk,
        "name": str(first.value(row)),
        "more": " · ".join(texts),
        "state": section.state(row),
    }


@require_http_methods(["GET", "POST"])
def new(request: UserRequest, section: str) -> HttpResponse:
    """Add a row; the address may bring values along."""
    found = _section(request, section)
    if not found.new:
        raise Http404
    form = found.form(request.POST or None, user=request.user, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        row = _save(request, found, form)
        if row is not None:
            return redirect("dashboards:verwaltung_edit", found.code, row.pk)
    return render(
        request,
        "dashboards/verwaltung_edit.html",
        {"section": found, "form": form, "back": _back(found)},
    )


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, section: str, pk: Any) -> HttpResponse:
    """Change a row, with what to know about it, what else can be done, and its history."""
    found = _section(request, section)
    row = get_object_or_404(found.rows(request.user), pk=pk)
    about = _about(request, found, row)  # before the form writes into the row
    form = found.form(request.POST or None, user=request.user, instance=row)
    if request.method == "POST" and form.is_valid() and _save(request, found, form) is not None:
        return redirect("dashboards:verwaltung_edit", found.code, pk)
    labels = {name: str(field.label or "") for name, field in form.fields.items()}
    changes = history.changes(request.user, found, row, labels)
    context = about | {"form": form, "changes": changes}
    return render(request, "dashboards/verwaltung_edit.html", context)


def _about(request: UserRequest, section: Section, row: Any) -> dict[str, Any]:
    user = request.user
    return {
        "section": section,
        "row": row,
        "title": str(section.columns[0].value(row)),
        "state": section.state(row),
        "facts": list(section.facts(row, user)),
        "actions": [action for action in section.actions if action.offered(row, user)],
        "back": _back(section),
    }


def _back(section: Section) -> str:
    if section.list_url:
        return reverse(section.list_url)
    if section.single:
        return reverse("dashboards:verwaltung")
    return reverse("dashboards:verwaltung_list", args=[section.code])


def _save(request: UserRequest, section: Section, form: Any) -> Any:
    """Return the saved row; None when it was refused, which then stands in the form."""
    try:
        with transaction.atomic():
            row = section.save(form, request.user)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    except IntegrityError:
        form.add_error(None, MEANWHILE)
    else:
        messages.success(request, section.saved)
        return row
    return None


@require_http_methods(["GET", "POST"])
def act(request: UserRequest, section: str, pk: Any, action: str) -> HttpResponse:
    """Ask on GET, do on POST."""
    found = _section(request, section)
    row = get_object_or_404(found.rows(request.user), pk=pk)
    verb = next((verb for verb in found.actions if verb.code == action), None)
    if verb is None:
        raise Http404
    if not verb.offered(row, request.user):
        messages.error(request, "Das ist hier nicht mehr möglich.")
        return redirect("dashboards:verwaltung_edit", found.code, pk)
    form = verb.form(request.POST or None, row=row, user=request.user) if verb.form else None
    if request.method == "POST" and (form is None or form.is_valid()):
        return _do(request, found, row, verb, form.cleaned_data if form else {})
    context = {
        "section": found,
        "row": row,
        "title": str(found.columns[0].value(row)),
        "verb": verb,
        "foreseen": verb.foresees(row, request.user),
        "form": form,
        "back": reverse("dashboards:verwaltung_edit", args=[found.code, pk]),
    }
    return render(request, "dashboards/verwaltung_action.html", context)


def _do(
    request: UserRequest, section: Section, row: Any, verb: Action, data: dict[str, Any]
) -> HttpResponse:
    try:
        with transaction.atomic():
            sentence = verb.do(row, data, request.user)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    except IntegrityError:
        messages.error(request, MEANWHILE)
    else:
        messages.success(request, sentence)
    if section.rows(request.user).filter(pk=row.pk).exists():
        return redirect("dashboards:verwaltung_edit", section.code, row.pk)
    return redirect(_back(section))
