"""Homes per role, and the pages everybody may read."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members.http import UserRequest
from members.labels import LANGUAGES, SLOTS
from members.models import Contact, MatchingRun, MatchProposal, Onboarding, User
from members.policies import can_coordinate_mentoring
from members.queries.newcomers import LISTS, contacts_with, heute
from members.queries.post import received_by
from members.queries.responsible import shown_contact
from members.services import onboarding as onboarding_service
from portal.common import clock
from portal.common.todos import todos_for
from portal.dashboards import queries
from portal.dashboards.demo import mailbox, roles


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The public start page; signed-in people go to their own home."""
    if not isinstance(request.user, User):
        return render(request, "dashboards/start.html")
    if request.user.sees_whole_district:
        return redirect("dashboards:uebersicht")
    if request.user.can("onboarding.act"):
        return redirect("dashboards:heute")
    if can_coordinate_mentoring(request.user):
        return redirect("members:mentoring")
    return redirect("dashboards:mein_start")


def _public(template: str) -> Any:
    @login_not_required
    @require_GET
    def page(request: HttpRequest) -> HttpResponse:
        return render(request, f"dashboards/{template}.html")

    return page


help_page = _public("help")
imprint = _public("imprint")
privacy = _public("privacy")
accessibility = _public("accessibility")


def _own_onboarding(user: User) -> Onboarding | None:
    own = user.person.onboardings.select_related("responsible", "person__gliederung__level")
    return own.order_by("-started_on").first()


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
        "contact_phone": phone,
        "is_office_phone": phone == office_phone,
        "milestones": list(onboarding.milestones.all()),
        "talks": [contact for contact in contacts if contact.result == Contact.Result.REACHED],
        "notes": [contact for contact in contacts if contact.note],
        "mails": received_by(request.user.person),
        "proposal": proposal,
        "mentor": _mentor_card(proposal) if proposal else None,
        "first_call_by": onboarding.arrived_on + timedelta(days=14),
        "today": clock.today(),
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
    if onboarding is None or onboarding.state != Onboarding.State.RUNNING:
        raise Http404
    onboarding_service.ask_for_call(onboarding)
    messages.success(request, "Danke, dass du Bescheid sagst. Wir kümmern uns darum.")
    return redirect("dashboards:mein_start")


@require_GET
def heute_page(request: UserRequest) -> HttpResponse:
    """Whom to call this week: three at most, and then it is enough (R8)."""
    if not request.user.can("onboarding.act"):
        raise PermissionDenied
    context = {
        "day": heute(request.user),
        "others": todos_for(request.user, leave_out=("call",)),
        "greeting": clock.greeting(),
        "today": clock.today(),
    }
    return render(request, "dashboards/heute.html", context)


@require_GET
def uebersicht(request: UserRequest) -> HttpResponse:
    """Staff: whom to call first, and whether newcomers are reached."""
    if not request.user.sees_whole_district:
        raise PermissionDenied
    context = {
        "overview": queries.overview(request.user, whole="alle" in request.GET),
        "lists": LISTS,
        # Shown on this page as numbers already.
        "todos": todos_for(request.user, leave_out=("call", "undecided", "import")),
    }
    return render(request, "dashboards/uebersicht.html", context)


@login_not_required
@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """One tap per role, second factor included. Exists in demo mode only."""
    if not settings.DEMO:
        raise Http404
    if not roles.sign_in(request, request.POST.get("role", "")):
        raise Http404
    return redirect("dashboards:home")


@login_not_required
@require_GET
def demo_mailbox(request: HttpRequest) -> HttpResponse:
    """What the local mail sink received. Exists in demo mode only."""
    if not settings.DEMO:
        raise Http404
    name = request.GET.get("mail", "")
    context = {"mails": mailbox.newest(50), "mail": mailbox.read(name) if name else None}
    return render(request, "dashboards/demo_mailbox.html", context)
