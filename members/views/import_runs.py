"""One run: what it would do, who is who, take it over, take it back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from members import policies
from members.forms.imports import ConfirmImportForm
from members.forms.lookalikes import LookalikesForm
from members.http import UserRequest
from members.models import ImportRow, ImportRun
from members.queries import import_runs
from members.services import imports as service
from members.views.import_files import page_of
from portal.common.csv_export import as_csv
from portal.common.errors import DomainError

ROWS_PER_PAGE = 50
QUESTIONS_PER_PAGE = 20
REFRESH_SECONDS = 3
State = ImportRun.State


def _get(request: UserRequest, pk: Any) -> ImportRun:
    if not policies.can_import(request.user):
        raise PermissionDenied
    return get_object_or_404(ImportRun.objects.select_related("created_by"), pk=pk)


@require_GET
def import_run(request: UserRequest, pk: Any) -> HttpResponse:
    """The dry run while it waits, progress while it works, the result afterwards."""
    run = _get(request, pk)
    if run.is_running:
        return _progress_page(request, run)
    place = page_of(run)
    if place.url != request.path:
        return place
    if run.state == State.STAGED:
        return _dry_run_page(request, run, ConfirmImportForm(messages=run.mails + run.letters))
    return _result_page(request, run)


def _progress_page(request: UserRequest, run: ImportRun) -> HttpResponse:
    context = {"run": run, "step": service.read_progress(run)}
    response = render(request, "members/import_progress.html", context)
    # Without JavaScript the browser looks again by itself; the page also has a link.
    response.headers["Refresh"] = f"{REFRESH_SECONDS}; url={request.path}"
    return response


def _dry_run_page(
    request: UserRequest,
    run: ImportRun,
    form: ConfirmImportForm,
    questions: LookalikesForm | None = None,
) -> HttpResponse:
    tabs = import_runs.tabs(run)
    asked = request.GET.get("ergebnis", "")
    first = tabs[0].code if tabs else "alle"
    tab = asked if asked in import_runs.TABS else first
    asks = tab == ImportRow.Verdict.SAME
    rows = import_runs.rows_of(run, tab)
    page = Paginator(rows, QUESTIONS_PER_PAGE if asks else ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    shown = list(page.object_list)
    context = {
        "run": run,
        "form": form,
        "page": page,
        "tab": tab,
        "tabs": tabs,
        "changes": import_runs.changes(shown),
        "questions": questions or (LookalikesForm(rows=shown) if asks else None),
        "left_behind": import_runs.left_behind(run),
    }
    return render(request, "members/import_run.html", context)


def _result_page(request: UserRequest, run: ImportRun) -> HttpResponse:
    counts = [(label, run.counts.get(code, 0)) for code, label in ImportRow.Verdict.choices]
    context = {
        "run": run,
        "counts": [(label, count) for label, count in counts if count],
        "undo_refusal": service.undo_refusal(run),
        "may_print": policies.can_manage_mail(request.user),
    }
    return render(request, "members/import_result.html", context)


@require_POST
def import_apply(request: UserRequest, pk: Any) -> HttpResponse:
    """Order the take-over of the file as a whole."""
    run = _get(request, pk)
    form = ConfirmImportForm(request.POST, messages=run.mails + run.letters)
    if run.state == State.STAGED and not form.is_valid():
        return _dry_run_page(request, run, form)
    return _ordered(request, run, service.confirm)


@require_POST
def import_undo(request: UserRequest, pk: Any) -> HttpResponse:
    """Order the way back."""
    return _ordered(request, _get(request, pk), service.order_undo)


def _ordered(request: UserRequest, run: ImportRun, order: Any) -> HttpResponse:
    try:
        order(run, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("members:import_run", run.pk)


@require_POST
def import_discard(request: UserRequest, pk: Any) -> HttpResponse:
    run = _get(request, pk)
    try:
        service.discard(run)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:import_run", run.pk)
    messages.success(request, "Verworfen. Es wurde nichts übernommen.")
    return redirect("members:import_list")


@require_POST
def import_decide(request: UserRequest, pk: Any) -> HttpResponse:
    """Keep what was said about the rows of one page."""
    run = _get(request, pk)
    back = f"{reverse('members:import_run', args=[run.pk])}?ergebnis=same"
    asked = run.rows.filter(pk__in=_numbers(request.POST.getlist("row")))
    form = LookalikesForm(request.POST, rows=list(asked.select_related("lookalike")))
    if not form.is_valid():
        messages.error(request, "Das hat nicht geklappt. Bitte wähle noch einmal.")
        return redirect(back)
    try:
        service.decide_lookalikes(run, form.choices(), request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Gemerkt. Übernommen wird es mit dem Import.")
    return redirect(back)


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts[:QUESTIONS_PER_PAGE] if text.isdecimal() and len(text) < 18]


@require_GET
def import_rejected(request: UserRequest, pk: Any) -> HttpResponse:
    """What was not taken, as a table to repair and bring in again."""
    run = _get(request, pk)
    header, lines = import_runs.rejected_table(run)
    if not lines:
        raise Http404
    service.note_download(run, request.user.person, len(lines))
    response = HttpResponse(as_csv(header, lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="abgelehnte-zeilen.csv"'
    return response
