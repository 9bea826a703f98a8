"""Import: look at what a file would do, confirm. And the inbox of what stayed open."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.imports import ConfirmImportForm, GliederungForm
from members.http import UserRequest
from members.models import ImportRow, ImportRun, Person
from members.services import imports as service
from portal.common.errors import DomainError

ROWS_PER_PAGE = 50


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


@require_GET
def import_run(request: UserRequest, pk: Any) -> HttpResponse:
    """The dry run: counts, verdict per row, and how many mails and letters would leave."""
    _require(policies.can_import(request.user))
    run = get_object_or_404(ImportRun, pk=pk)
    return _run_page(request, run, ConfirmImportForm(messages=run.mails + run.letters))


def _run_page(request: UserRequest, run: ImportRun, form: ConfirmImportForm) -> HttpResponse:
    verdict = request.GET.get("ergebnis", "")
    rows = run.rows.all()
    if verdict in ImportRow.Verdict.values:
        rows = rows.filter(verdict=verdict)
    elif verdict == "hinweise":
        rows = rows.exclude(problems=[])
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    counts = [(code, label, run.counts.get(code, 0)) for code, label in ImportRow.Verdict.choices]
    context = {
        "run": run,
        "form": form,
        "page": page,
        "verdict": verdict,
        "counts": counts,
        "with_problems": run.rows.exclude(problems=[]).count(),
    }
    return render(request, "members/import_run.html", context)


@require_POST
def import_apply(request: UserRequest, pk: Any) -> HttpResponse:
    """Take the file over as a whole."""
    _require(policies.can_import(request.user))
    run = get_object_or_404(ImportRun, pk=pk)
    form = ConfirmImportForm(request.POST, messages=run.mails + run.letters)
    if not form.is_valid():
        return _run_page(request, run, form)
    try:
        service.apply(run, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:import_list")
    messages.success(request, "Der Import ist übernommen.")
    return redirect("members:import_run", run.pk)


@require_POST
def import_discard(request: UserRequest, pk: Any) -> HttpResponse:
    _require(policies.can_import(request.user))
    service.discard(get_object_or_404(ImportRun, pk=pk))
    messages.success(request, "Verworfen. Es wurde nichts übernommen.")
    return redirect("members:import_list")


@require_GET
def undecided(request: UserRequest) -> HttpResponse:
    """People whose Ortsverein or postal code a human has to settle."""
    _require(policies.can_decide_gliederung(request.user))
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
    _require(policies.can_decide_gliederung(request.user))
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
    return render(request, "members/decide.html", {"person": person, "form": form})
