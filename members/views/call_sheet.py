"""One newcomer: the call sheet, and logging how it went."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members import policies
from members.forms.talks import ContactForm, follow_up_days
from members.http import UserRequest
from members.models import Contact, Onboarding
from members.queries import call_sheet, reaching, timeline, transfers
from members.services import answers, pulse
from members.services import onboarding as service
from portal.common import clock
from portal.common.errors import DomainError


def get_newcomer(request: UserRequest, pk: Any, **facts: Any) -> Onboarding:
    """The onboarding, for whoever takes care of newcomers there; else it does not exist."""
    visible = Onboarding.objects.visible_to(request.user).select_related(
        "person__gliederung__level", "person__kommune", "responsible"
    )
    visible = visible.annotate(**facts)
    onboarding = get_object_or_404(visible, pk=pk)
    # A newcomer sees the own onboarding on "Mein Start", not through the volunteers' pages.
    if not policies.can_log_contact(request.user, onboarding):
        raise Http404
    return onboarding


@require_GET
def newcomer(request: UserRequest, pk: Any) -> HttpResponse:
    """The call sheet: who, how to reach them, what is due, what was said."""
    onboarding: Any = get_newcomer(request, pk, **call_sheet.facts())
    person = onboarding.person
    context = {
        "onboarding": onboarding,
        "person": person,
        "asks_pulse": pulse.is_asked_by_phone(person),
        "today": clock.today(),
        "milestones": list(
            onboarding.milestones.select_related(
                "closed_by", "parteibuch__received_by", "parteibuch__given_by"
            )
        ),
        "entries": timeline.for_team(person, answers.labels()),
        "way": reaching.best_way(person, may_use_messenger=onboarding.may_use_messenger),
        "when": reaching.when(person),
        "transfer": transfers.running(person),
        "days": follow_up_days(clock.today()),
    }
    return render(request, "members/newcomer_detail.html", context)


@require_http_methods(["GET", "POST"])
def log_contact(request: UserRequest, pk: Any) -> HttpResponse:
    """One tap opens this page, the second logs the result."""
    onboarding = get_newcomer(request, pk)
    if request.method == "GET":
        return _contact_page(request, onboarding, ContactForm(onboarding=onboarding))
    form = ContactForm(request.POST, onboarding=onboarding)
    if not form.is_valid():
        return _contact_page(request, onboarding, form)
    try:
        contact = service.log_contact(onboarding, request.user.person, form.talk())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:newcomer", onboarding.pk)
    return redirect("members:logged", onboarding.pk, contact.pk)


def _contact_page(request: HttpRequest, onboarding: Onboarding, form: ContactForm) -> HttpResponse:
    context = {
        "onboarding": onboarding,
        "person": onboarding.person,
        "form": form,
        "results": Contact.Result.choices,
    }
    return render(request, "members/contact_form.html", context)
