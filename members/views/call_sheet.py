"""One newcomer: the call sheet, and logging how it went."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members import policies
from members.forms.talks import ContactForm, usual_kind
from members.http import UserRequest
from members.models import Contact, Milestone, Onboarding
from members.queries import transfers
from members.services import answers, pulse
from members.services import onboarding as service
from members.services.reference import MESSENGER
from portal.common import consents
from portal.common.dates import day
from portal.common.errors import DomainError


def get_newcomer(request: UserRequest, pk: Any) -> Onboarding:
    visible = Onboarding.objects.visible_to(request.user).select_related(
        "person__gliederung__level", "person__kommune", "responsible"
    )
    onboarding = get_object_or_404(visible, pk=pk)
    # A newcomer sees the own onboarding on "Mein Start", not through the volunteers' pages.
    if not policies.can_log_contact(request.user, onboarding):
        raise Http404
    return onboarding


@require_GET
def newcomer(request: UserRequest, pk: Any) -> HttpResponse:
    """The call sheet: who, how to reach them, what is due, what was said."""
    onboarding = get_newcomer(request, pk)
    context = {
        "onboarding": onboarding,
        "person": onboarding.person,
        "asks_pulse": pulse.is_asked_by_phone(onboarding.person),
        "milestones": list(
            onboarding.milestones.select_related(
                "closed_by", "parteibuch__received_by", "parteibuch__given_by"
            )
        ),
        "contacts": onboarding.contacts.select_related("made_by").order_by("-created_at"),
        "topics": list(onboarding.person.topics.all()),
        "leaves_on": onboarding.person.memberships.values_list("left_on", flat=True)
        .order_by("has_ended", "-joined_on")
        .first(),
        "may_use_messenger": consents.holds(onboarding.person_id, MESSENGER),
        "entered": answers.entered_for(onboarding.person),
        "transfer": transfers.running(onboarding.person),
        "prefers_writing": usual_kind(onboarding.person) == Contact.Kind.EMAIL,
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
    messages.success(request, _answer(onboarding, contact))
    return redirect("dashboards:heute")


def _contact_page(request: HttpRequest, onboarding: Onboarding, form: ContactForm) -> HttpResponse:
    context = {
        "onboarding": onboarding,
        "person": onboarding.person,
        "form": form,
        "results": Contact.Result.choices,
    }
    return render(request, "members/contact_form.html", context)


def _answer(onboarding: Onboarding, contact: Contact) -> str:
    """Say what is kept and what comes next, in one sentence each."""
    name = onboarding.person.first_name
    open_next = onboarding.milestones.filter(state=Milestone.State.OPEN).first()
    after = f" Als Nächstes: {open_next.title} bis {day(open_next.due_on)}." if open_next else ""
    if contact.result == Contact.Result.REACHED:
        return f"Danke! Das Gespräch mit {name} ist eingetragen.{after}"
    if contact.result == Contact.Result.NO_CONTACT:
        return f"Eingetragen. {name} wird nicht mehr angerufen."
    return f"Eingetragen. Danke, dass du es bei {name} versucht hast.{after}"
