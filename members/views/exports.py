"""„Daten ausgeben“: a file for a purpose, and what became of the earlier ones."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.exports import PurposeForm
from members.http import UserRequest, require
from members.queries import exports as query
from members.reauth import recently_confirmed
from members.services import exports as service
from portal.common.errors import DomainError
from portal.common.exports import find

ROWS_PER_PAGE = 50


@require_GET
def export_list(request: UserRequest) -> HttpResponse:
    """What can be taken out, and every file that was."""
    require(policies.can_export(request.user))
    page = Paginator(query.past(), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "exports": query.offered(request.user),
        "page": page,
        "past": query.with_people(request.user, page.object_list),
    }
    return render(request, "members/exports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@recently_confirmed
def export(request: UserRequest, code: str) -> HttpResponse:
    """Say what for, see how many people it is about, and get the file."""
    found = find(code)
    if found is None:
        raise Http404
    require(policies.can_export(request.user) and request.user.can(found.capability))
    form = PurposeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            file = service.make(found, request.user, form.cleaned_data["purpose"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            response = HttpResponse(file.content, content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="{file.name}"'
            return response
    context = {"export": found, "form": form, "count": service.count(found, request.user)}
    return render(request, "members/export.html", context)


@require_POST
def deleted(request: UserRequest, pk: Any) -> HttpResponse:
    """One tap: the file is gone."""
    require(policies.can_export(request.user))
    if not service.confirm_deleted(pk, request.user):
        raise Http404
    messages.success(request, "Danke. Gut, dass die Datei weg ist.")
    return redirect("members:exports")
