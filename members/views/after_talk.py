"""After a talk was logged: what comes next, when to call again, or all of it taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from members.forms.talks import FollowUpForm, follow_up_days
from members.http import UserRequest
from members.models import Contact, Milestone, Onboarding
from members.services import onboarding as service
from members.services.onboarding.attempts import needs_another_way
from members.views.call_sheet import get_newcomer
from portal.common import clock
from portal.common.dates import day
from portal.common.errors import DomainError

Result = Contact.Result
GONE = "Dieser Eintrag ist schon zurückgenommen."


@require_GET
def logged(request: UserRequest, pk: Any, contact: Any) -> HttpResponse:
    """Say thanks and what comes next; one tap takes a slip of the thumb back."""
    onboarding = get_newcomer(request, pk)
    found = onboarding.contacts.filter(pk=contact).first()
    if found is None:
        messages.info(request, GONE)
        return redirect("members:newcomer", onboarding.pk)
    is_running = onboarding.state == Onboarding.State.RUNNING
    context = {
        "onboarding": onboarding,
        "person": onboarding.person,
        "contact": found,
        "today": clock.today(),
        "next": onboarding.milestones.filter(state=Milestone.State.OPEN).first(),
        "needs_another_way": needs_another_way(found),
        "gave_up": found.closed.filter(state=Milestone.State.UNREACHED).exists(),
        "days": follow_up_days(clock.today()) if is_running else [],
    }
    return render(request, "members/contact_logged.html", context)


@require_POST
def undo_contact(request: UserRequest, pk: Any, contact: Any) -> HttpResponse:
    """Take the newest entry back, with everything that followed from it."""
    onboarding = get_newcomer(request, pk)
    found = onboarding.contacts.filter(pk=contact).first()
    if found is None:  # the second tap of an impatient thumb
        messages.info(request, GONE)
        return redirect("members:newcomer", onboarding.pk)
    try:
        service.undo_contact(found, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Zurückgenommen. Es ist wieder wie vorher.")
    return redirect("members:newcomer", onboarding.pk)


@require_POST
def put_off(request: UserRequest, pk: Any) -> HttpResponse:
    """Call again on that day, and not before; or at once after all."""
    onboarding = get_newcomer(request, pk)
    if "gleich" in request.POST:
        return _not_put_off(request, onboarding)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["on"][0]))
        return redirect("members:newcomer", onboarding.pk)
    until = form.cleaned_data["on"]
    try:
        service.put_off(onboarding, until, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:newcomer", onboarding.pk)
    name = onboarding.person.first_name
    messages.success(request, f"Notiert: {name} steht am {day(until)} wieder auf deiner Liste.")
    return redirect("dashboards:heute")


def _not_put_off(request: UserRequest, onboarding: Onboarding) -> HttpResponse:
    """Take it back: the call is on the list as it was promised."""
    try:
        service.put_off(onboarding, None, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Zurückgenommen. Der Anruf steht wieder wie vorher da.")
    return redirect("members:newcomer", onboarding.pk)
