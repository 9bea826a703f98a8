"""*Mein Start*: the newcomer's own page."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members.http import UserRequest
from members.models import Contact, Milestone, Onboarding, Person, Step
from members.queries import timeline
from members.queries.newcomers import contacts_with
from members.queries.own_page import mentor_card, own_onboarding, own_page
from members.queries.responsible import ShownContact, shown_contact
from members.queries.trusted import trusted_people
from members.services import about_me, pulse
from members.services import onboarding as onboarding_service
from members.services.about_me import Section
from members.services.reference import SHIPPED_STEPS
from portal.common import clock
from portal.common.dates import long_day
from portal.common.outbox import languages, page_texts
from portal.common.outbox.page_texts import Words
from portal.dashboards.page_texts import MEIN_START

# What the welcome says: „in den nächsten 14 Tagen“ (R2).
FIRST_CALL = timedelta(days=14)
A_YEAR = timedelta(days=365)


@require_GET
def mein_start(request: UserRequest) -> HttpResponse:
    """The newcomer's page: my contact, one next step, what comes and what was."""
    onboarding = own_page(request.user.person)
    if onboarding is None:
        return render(request, "dashboards/mein_start_empty.html")
    person = request.user.person
    contacts = list(contacts_with(person))
    office_phone = request.user.district.phone
    contact = shown_contact(onboarding, office_phone)
    phone = contact.phone if contact.person else office_phone
    talks = [entry for entry in contacts if entry.result == Contact.Result.REACHED]
    milestones = list(onboarding.milestones.select_related("parteibuch"))
    first_call_by = _first_call_by(onboarding, milestones)
    words = _words(onboarding, contact, first_call_by)
    context = {
        "onboarding": onboarding,
        "contact": contact.person,
        "shown": contact,
        "contact_phone": phone,
        "is_office_phone": phone == office_phone,
        "promises": [_promise(milestone, words) for milestone in milestones],
        "talks": talks,
        "notes": [entry for entry in contacts if entry.note],
        "timeline": timeline.for_member(person),
        "mentor": mentor_card(onboarding),
        "tandem": _tandem(onboarding),
        "may_become_mentor": _may_become_mentor(request, onboarding),
        "first_call_by": first_call_by,
        "today": clock.today(),
        "trusted": trusted_people(office_phone),
        "words": words,
        "step": _next_step(onboarding, has_talked=bool(talks), first_call_by=first_call_by),
        **pulse.own(onboarding),
    }
    return render(request, "dashboards/mein_start.html", context)


def _tandem(onboarding: Any) -> dict[str, Any] | None:
    """An open one; one that has ended only while there is no new proposal."""
    found: dict[str, Any] | None = onboarding.tandem
    return None if found and found["state"] == "ended" and mentor_card(onboarding) else found


def _may_become_mentor(request: UserRequest, onboarding: Onboarding) -> bool:
    """A year later newcomers know their way, and can help the next ones."""
    is_new = onboarding.started_on > clock.today() - A_YEAR
    return not (is_new or request.user.is_mentor or onboarding.person.is_minor)


def _first_call_by(onboarding: Onboarding, milestones: list[Milestone]) -> date:
    """The page names one date: what was said in the welcome, or the milestone if it is earlier."""
    said = onboarding.arrived_on + FIRST_CALL
    is_talk = Milestone.State.OPEN, Step.Kind.CONTACT
    open_talks = (one.due_on for one in milestones if (one.state, one.kind) == is_talk)
    return min(said, min(open_talks, default=said))


def _words(onboarding: Onboarding, contact: ShownContact, first_call_by: date) -> Words:
    """The page in the reader's language, easy German where that is missing (R10)."""
    person = onboarding.person

    def said(day: date) -> str:
        return _day(day, person.language)

    values = {
        "vorname": person.first_name,
        "ansprechperson": contact.person.first_name if contact.person else "",
        "tag": said(first_call_by) if first_call_by >= clock.today() else "",
        "wieder_da": said(contact.until) if contact.until else "",
        "im_portal_seit": said(onboarding.arrived_on),
    }
    return page_texts.words(MEIN_START, person.language, values)


def _day(day: date, language: str) -> str:
    """In figures where German months would be foreign words."""
    return f"{day:%d.%m.%Y}" if language == languages.ENGLISH else long_day(day)


@dataclass(frozen=True, slots=True)
class Promise:
    """One milestone in the reader's words."""

    milestone: Milestone
    title: str
    explanation: str
    day: str


def _promise(milestone: Milestone, words: Words) -> Promise:
    """The shipped promises are there in every language; what staff wrote stays as they wrote it."""
    title, explanation = milestone.title, milestone.explanation
    if SHIPPED_STEPS.get(milestone.code) == (title, explanation):
        title = words.said[f"schritt_{milestone.code}"]
        explanation = words.said[f"satz_{milestone.code}"]
    day = _day(milestone.done_on or milestone.due_on, words.language)
    return Promise(milestone, title, explanation, day)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do now; `question` is asked if it is one."""

    code: str
    question: Section | None = None

    @property
    def phrase(self) -> str:
        """The key of the question among the page's words."""
        return f"frage_{self.question.slug}" if self.question else ""


def _next_step(onboarding: Any, *, has_talked: bool, first_call_by: date) -> NextStep:
    """One step at a time: a promise that was not kept goes first, then one question."""
    person = onboarding.person
    waits = onboarding.state == Onboarding.State.RUNNING and not has_talked
    if waits and first_call_by < clock.today() and not onboarding.asked_for_call_at:
        return NextStep("niemand")
    question = about_me.next_question(person, has_topics=onboarding.has_topics)
    if question:
        is_empty = about_me.has_said_nothing(person, has_topics=onboarding.has_topics)
        return NextStep("anfangen" if is_empty else "frage", question)
    supports_only = person.wish == Person.Wish.SUPPORTING
    return NextStep("foerdern" if supports_only else "mitmachen")


@require_http_methods(["GET", "HEAD", "POST"])
def nobody_called(request: UserRequest) -> HttpResponse:
    """The same as the link in the welcome, for whoever is signed in."""
    if request.method != "POST":  # the address typed or reloaded: the button is on that page
        return redirect("dashboards:mein_start")
    onboarding = own_onboarding(request.user.person)
    if onboarding is None or not onboarding_service.can_ask_for_call(onboarding):
        raise Http404
    onboarding_service.ask_for_call(onboarding)
    messages.success(request, "Danke, dass du Bescheid sagst. Wir kümmern uns darum.")
    return redirect("dashboards:mein_start")
