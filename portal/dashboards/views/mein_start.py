"""*Mein Start*: the newcomer's own page."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members.http import UserRequest
from members.labels import LANGUAGES, SLOTS
from members.models import Contact, MatchingRun, MatchProposal, Onboarding, User
from members.queries.newcomers import contacts_with
from members.queries.post import received_by
from members.queries.pulse import with_question
from members.queries.responsible import shown_contact
from members.services import onboarding as onboarding_service
from members.services import pulse
from portal.common import clock


def _own_onboarding(user: User) -> Onboarding | None:
    own = user.person.onboardings.select_related("responsible", "person__gliederung__level")
    return with_question(own).order_by("-started_on").first()


@require_GET
def mein_start(request: UserRequest) -> HttpResponse:
    """The newcomer's page: my contact, what comes next, what already happened."""
    onboarding = _own_onboarding(request.user)
    if onboarding is None:
        return render(request, "dashboards/mein_start_empty.html")
    contacts = list(contacts_with(request.user.person))
    office_phone = request.user.district.phone
    contact = shown_contact(onboarding, office_phone)
    phone = contact.phone if contact.person else office_phone
    proposal = (
        MatchProposal.objects.filter(
            onboarding=onboarding, run__state=MatchingRun.State.CURRENT, mentor__isnull=False
        )
        .select_related("mentor__person__kommune")
        .first()
    )
    context = {
        "onboarding": onboarding,
        "contact": contact.person,
        "contact_until": contact.until,
        "contact_phone": phone,
        "is_office_phone": phone == office_phone,
        "milestones": list(onboarding.milestones.select_related("parteibuch")),
        "talks": [contact for contact in contacts if contact.result == Contact.Result.REACHED],
        "notes": [contact for contact in contacts if contact.note],
        "mails": received_by(request.user.person),
        "proposal": proposal,
        "mentor": _mentor_card(proposal) if proposal else None,
        "first_call_by": onboarding.arrived_on + timedelta(days=14),
        "today": clock.today(),
        **pulse.own(onboarding),
    }
    return render(request, "dashboards/mein_start.html", context)


def _mentor_card(proposal: MatchProposal) -> dict[str, Any]:
    """Topics, languages, region and times of a proposed mentor; no name before two yeses (R14)."""
    assert proposal.mentor is not None  # only matched proposals are shown
    person = proposal.mentor.person
    return {
        "topics": [topic.name for topic in person.topics.all()],
        "languages": [LANGUAGES.get(code, code) for code in person.languages],
        "times": [SLOTS.get(code, code) for code in person.availability],
        "region": person.kommune.short_name if person.kommune else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def nobody_called(request: UserRequest) -> HttpResponse:
    """The same as the link in the welcome, for whoever is signed in."""
    if request.method != "POST":  # the address typed or reloaded: the button is on that page
        return redirect("dashboards:mein_start")
    onboarding = _own_onboarding(request.user)
    if onboarding is None or not onboarding_service.can_ask_for_call(onboarding):
        raise Http404
    onboarding_service.ask_for_call(onboarding)
    messages.success(request, "Danke, dass du Bescheid sagst. Wir kümmern uns darum.")
    return redirect("dashboards:mein_start")
