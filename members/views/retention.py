"""*Löschen*: what the rules do, the two yeses, and whose data stay for now."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.holds import HoldForm
from members.http import UserRequest, require
from members.models import Hold, Person
from members.queries import retention as queries
from members.services import holds as service
from portal.common import retaining, retention
from portal.common.errors import DomainError

CHANGED = "Eine Regel hat sich gerade geändert. Bitte sieh sie dir noch einmal an."


@require_GET
def overview(request: UserRequest) -> HttpResponse:
    """Every rule: what, when, how many tonight, and whether it waits for somebody's yes."""
    require(policies.can_approve_retention(request.user))
    lines = queries.lines(request.user)
    context = {
        "waiting": [line for line in lines if not line.is_active],
        "active": [line for line in lines if line.is_active],
        "can_say_yes": any(line.can_say_yes for line in lines),
        "may_manage": policies.can_manage_organisation(request.user),
        "may_hold": policies.can_hold(request.user),
    }
    return render(request, "members/retention.html", context)


@require_POST
def approve(request: UserRequest) -> HttpResponse:
    """Say yes to rules exactly as they were shown."""
    require(policies.can_approve_retention(request.user))
    shown = {rule.fingerprint: rule.code for rule in retention.rules()}
    chosen = request.POST.getlist("regel")
    codes = [shown[value] for value in chosen if value in shown]
    try:
        if len(codes) < len(chosen):
            raise DomainError(CHANGED)
        if not codes:
            raise DomainError("Bitte wähle zuerst Regeln aus.")
        done = retaining.approve(codes, request.user.person_id)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _thanks(len(codes), done))
    return redirect("members:retention")


def _thanks(said: int, done: int) -> str:
    if done == said:
        return "Danke. Beide haben Ja gesagt: Ab heute Nacht wird gelöscht."
    return "Danke. Jetzt fehlt noch das Ja einer zweiten Person."


@require_POST
def count(request: UserRequest) -> HttpResponse:
    """Ask every rule what it would take tonight; nothing is deleted."""
    require(policies.can_approve_retention(request.user))
    outcomes = retaining.run(dry_run=True)
    total = sum(one.count for one in outcomes)
    messages.success(request, f"Gezählt: Zusammen ist heute Nacht {total} Mal etwas fällig.")
    return redirect("members:retention")


@require_POST
def stop(request: UserRequest, code: str) -> HttpResponse:
    """One is enough to stop a rule."""
    require(policies.can_approve_retention(request.user))
    retaining.stop(code, request.user.person_id)
    messages.success(request, "Angehalten. Diese Regel löscht erst wieder, wenn zwei Ja sagen.")
    return redirect("members:retention")


@require_GET
def holds(request: UserRequest) -> HttpResponse:
    """Whose data stay for now, and why."""
    require(policies.can_hold(request.user))
    visible = Person.objects.visible_to(request.user)
    rows = Hold.objects.active().filter(person__in=visible).select_related("person", "set_by")
    context = {"holds": rows.order_by("person__sort_name", "pk")}
    return render(request, "members/holds.html", context)


def _person(request: UserRequest, pk: Any) -> Person:
    require(policies.can_hold(request.user))
    return get_object_or_404(Person.objects.visible_to(request.user), pk=pk)


@require_http_methods(["GET", "POST"])
def hold(request: UserRequest, pk: Any) -> HttpResponse:
    """Set a hold; one that exists is shown, and can be lifted."""
    person = _person(request, pk)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            service.set_hold(person, data["reason"], data["until"], request.user.person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Gesperrt: Über {person.full_name} wird nichts gelöscht.")
        return redirect("members:person", person.pk)
    context = {"person": person, "form": form, "hold": person.holds.active().first()}
    return render(request, "members/hold.html", context)


@require_POST
def lift_hold(request: UserRequest, pk: Any) -> HttpResponse:
    """The reason has gone."""
    person = _person(request, pk)
    service.lift(person, request.user.person)
    messages.success(request, "Aufgehoben. Was fällig ist, wird in der nächsten Nacht gelöscht.")
    return redirect("members:person", person.pk)
