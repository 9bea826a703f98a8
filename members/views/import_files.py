"""Import, first half: upload a file, say what its columns mean, wait for the check."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.import_files import ImportForm, MappingForm
from members.http import UserRequest
from members.imports.columns import LABELS, REQUIRED
from members.models import ImportProfile, ImportRun
from members.services import imports as service
from portal.common import clock
from portal.common.errors import DomainError

LISTED = 20
RELOAD_SECONDS = 4
LONG = timedelta(minutes=3)
State = ImportRun.State


def _require_import(request: UserRequest) -> None:
    if not policies.can_import(request.user):
        raise PermissionDenied


def page_of(run: ImportRun) -> HttpResponseRedirect:
    """Where a file is looked at in its present state."""
    if run.state == State.MAPPING:
        return redirect("members:import_mapping", run.pk)
    if run.state == State.UPLOADED or run.was_never_checked:
        return redirect("members:import_check", run.pk)
    return redirect("members:import_run", run.pk)


@require_http_methods(["GET", "POST"])
def import_list(request: UserRequest) -> HttpResponse:
    """Upload a file; below, what came in before."""
    _require_import(request)
    asks = "zuordnen" in request.GET
    form = ImportForm(
        request.POST or None, request.FILES or None, initial={"asks_for_columns": asks}
    )
    if request.method == "POST" and form.is_valid():
        try:
            run = service.receive(
                form.content(),
                request.user.person,
                form.cleaned_data["file"].name,
                asks_for_columns=form.cleaned_data["asks_for_columns"],
            )
        except service.FileRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            if run.state != State.DISCARDED:
                return page_of(run)
            form.add_error("file", run.reason)
    runs = ImportRun.objects.defer("content", "columns").select_related("created_by", "profile")
    context = {
        "form": form,
        "runs": runs.order_by("-created_at")[:LISTED],
        "profiles": ImportProfile.objects.order_by("name"),
    }
    return render(request, "members/import_list.html", context)


@require_GET
def import_check(request: UserRequest, pk: Any) -> HttpResponse:
    """Wait until a large file is checked; the page asks again by itself, without JavaScript."""
    _require_import(request)
    run = get_object_or_404(ImportRun.objects.defer("content", "columns"), pk=pk)
    is_waiting = run.state == State.UPLOADED
    if not is_waiting and not run.was_never_checked:
        return page_of(run)
    context = {"run": run, "is_late": is_waiting and run.created_at < clock.now() - LONG}
    response = render(request, "members/import_check.html", context)
    if is_waiting:
        response["Refresh"] = str(RELOAD_SECONDS)
    return response


@require_http_methods(["GET", "POST"])
def import_mapping(request: UserRequest, pk: Any) -> HttpResponse:
    """Say once what the columns of a file mean."""
    _require_import(request)
    found = ImportRun.objects.defer("content").select_related("profile")
    run = get_object_or_404(found, pk=pk)
    if run.state != State.MAPPING:
        return page_of(run)
    form = MappingForm(request.POST or None, run=run)
    if request.method == "POST" and form.is_valid():
        try:
            run = service.map_columns(
                run, form.mapping, form.cleaned_data["name"], request.user.person
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return page_of(run)
    required = " und ".join(LABELS[name] for name in REQUIRED)
    return render(
        request, "members/import_mapping.html", {"run": run, "form": form, "required": required}
    )


@require_POST
def forget_profile(request: UserRequest, pk: Any) -> HttpResponse:
    """Delete a saved mapping."""
    _require_import(request)
    profile = get_object_or_404(ImportProfile, pk=pk)
    service.forget_profile(profile, request.user.person)
    messages.success(request, f"Die Zuordnung „{profile.name}“ ist gelöscht.")
    return redirect("members:import_list")
