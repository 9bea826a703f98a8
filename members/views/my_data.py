"""„Meine Daten“: what is stored, who sees it, and what I can do about it (Art. 15 to 21)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members.forms.rights import RequestForm
from members.http import UserRequest
from members.models import RightsRequest
from members.queries import my_data, who_sees_me
from members.queries import rights as query
from members.reauth import recently_confirmed
from members.services import export
from members.services import rights as service
from portal.common.dates import long_day
from portal.common.errors import DomainError

Kind = RightsRequest.Kind
# What people can ask for here; their own file they make themselves.
SLUGS = {
    "berichtigung": Kind.CORRECTION,
    "widerspruch": Kind.OBJECTION,
    "loeschung": Kind.ERASURE,
    "einschraenkung": Kind.RESTRICTION,
}


def download(file: export.File) -> HttpResponse:
    """Hand a file over; no browser and no proxy keeps a copy of its own."""
    response = HttpResponse(file.content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


@require_GET
def my_data_page(request: UserRequest) -> HttpResponse:
    """„Meine Daten und wer sie sieht“."""
    person = my_data.load(request.user.person_id)
    context: dict[str, Any] = {
        "groups": my_data.stored_about(person),
        "notes": my_data.notes_about(person),
        "mails": my_data.last_mails(person),
        "allowed": my_data.allowed_by(person),
        "circles": who_sees_me.circles(person, request.user.district),
        "requests": query.of_person(person),
    }
    return render(request, "members/my_data.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@recently_confirmed
def my_export(request: UserRequest) -> HttpResponse:
    """Say what the file contains; the button makes it."""
    if request.method == "POST":
        return download(export.own(request.user.person))
    return render(request, "members/rights/export.html")


@require_http_methods(["GET", "POST"])
def my_request(request: UserRequest, kind: str) -> HttpResponse:
    """One request on its own page, with what will happen."""
    if kind not in SLUGS:
        raise Http404
    person, wanted = request.user.person, SLUGS[kind]
    data = request.POST if request.method == "POST" else None
    form = RequestForm(data, kind=wanted, held=query.standing(person))
    if request.method == "POST" and form.is_valid():
        try:
            made = service.ask(person, form.asked(), person)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _thanks(made))
            return redirect("members:my_data")
    context = {"form": form, "kind": wanted, "is_member": service.is_member(person)}
    return render(request, "members/rights/ask.html", context)


def _thanks(made: list[RightsRequest]) -> str:
    waiting = [one for one in made if one.is_open]
    if waiting:
        return f"Danke. Du bekommst eine Antwort bis {long_day(waiting[0].due_on)}."
    return "Gilt ab sofort. Hier kannst du es jederzeit zurücknehmen."


@require_POST
def my_request_withdraw(request: UserRequest, pk: Any) -> HttpResponse:
    """One tap: a request, or an objection with everything it stopped."""
    own = RightsRequest.objects.filter(person=request.user.person_id)
    found = get_object_or_404(own, pk=pk)
    try:
        service.withdraw(found, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Zurückgenommen. Es ist wieder wie vorher.")
    return redirect("members:my_data")
