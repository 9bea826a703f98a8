"""Staff let people in: invitation, lock, and the code on the telephone (R27)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.access import CodeRequestedForm
from members.http import UserRequest
from members.models import OneTimeCode, Person
from members.queries.access import access_of, to_settle
from members.services import invitations, recovery
from portal.common.errors import DomainError

ROWS_PER_PAGE = 50
Verb = Callable[[Person, Person], object]
VERBS: dict[str, tuple[Verb, str]] = {
    "einladen": (invitations.send, "Die Einladung ist unterwegs."),
    "zurueckziehen": (invitations.revoke, "Zurückgezogen. Der Link gilt nicht mehr."),
    "sperren": (invitations.lock, "Gesperrt. Alle Geräte sind abgemeldet."),
    "oeffnen": (invitations.unlock, "Der Zugang ist wieder offen."),
    "erledigt": (recovery.called, "Danke. Der Rückruf ist erledigt."),
}


def _person(request: UserRequest, pk: Any) -> Person:
    if not policies.can_manage_access(request.user):
        raise PermissionDenied
    return get_object_or_404(Person.objects.visible_to(request.user), pk=pk)


def _page(request: UserRequest, person: Person, form: CodeRequestedForm) -> HttpResponse:
    context = {
        "person": person,
        "access": access_of(person),
        "form": form,
        "is_me": person.pk == request.user.person_id,
    }
    return render(request, "members/access.html", context)


@require_GET
def access(request: UserRequest, pk: Any) -> HttpResponse:
    """One person's way in, and what staff can do about it."""
    person = _person(request, pk)
    return _page(request, person, CodeRequestedForm(has_phone=bool(person.best_phone)))


@require_POST
def act(request: UserRequest, pk: Any, verb: str) -> HttpResponse:
    """One tap: invite, revoke, lock, open, or tick off a call."""
    person = _person(request, pk)
    if verb not in VERBS:
        raise Http404
    work, answer = VERBS[verb]
    try:
        work(person, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, answer)
    return redirect("members:access", pk=person.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_time_code(request: UserRequest, pk: Any) -> HttpResponse:
    """Show the code in this one answer; it is stored nowhere, so nothing can show it again."""
    person = _person(request, pk)
    if request.method != "POST":
        return redirect("members:access", pk=person.pk)
    form = CodeRequestedForm(request.POST, has_phone=bool(person.best_phone))
    if form.is_valid():
        try:
            code = recovery.make_code(
                person,
                request.user.person,
                called_back=True,
                token=form.cleaned_data["submit_token"],
            )
        except recovery.AlreadyShown:
            return render(request, "members/one_time_code.html", {"person": person})
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "members/one_time_code.html", {"person": person, "code": code})
    return _page(request, person, form)


@require_http_methods(["GET", "HEAD", "POST"])
def code_notice(request: UserRequest, pk: Any) -> HttpResponse:
    """The second person sees who was let in, by whom and when, and takes note."""
    user = request.user
    if not any(recovery.may_be_told(amt, user.district) for amt in user.active_aemter):
        raise Http404
    codes = OneTimeCode.objects.filter(told=request.user.person_id)
    code = get_object_or_404(codes.select_related("user__person", "made_by"), pk=pk)
    if request.method == "POST":
        recovery.mark_seen(code)
        messages.success(request, "Danke fürs Hinsehen.")
        return redirect("dashboards:home")
    return render(request, "members/code_notice.html", {"code": code})


@require_GET
def accesses(request: UserRequest) -> HttpResponse:
    """Whose login needs somebody: calls first, then offices nobody can act in."""
    if not policies.can_manage_access(request.user):
        raise PermissionDenied
    page = Paginator(to_settle(request.user), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "members/access_list.html", {"page": page})
