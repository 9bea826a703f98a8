"""One tandem, for both of its sides; the rest of the world finds nothing here.

Each side sees what its own reach does not show: the other one, a second mentor, and holds.
"""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members.forms.tandems import FeedbackForm, MeetingForm, ReportForm
from members.http import UserRequest
from members.models import Tandem, TandemReport
from members.prompts import prompts_for
from members.queries import tandems as queries
from members.queries.trusted import trusted_people
from members.services import mentors, tandem_answers, tandems
from members.services.tandem_ways import way_from
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.scope import scope

State = Tandem.State


def _get(request: UserRequest, pk: Any, *states: str) -> Tandem:
    """A tandem one is a side of; after a block, and for everybody else, there is none."""
    own = queries.of_person(request.user.person).with_last_sign()
    found: Tandem = get_object_or_404(own.select_related("newcomer", "mentor", "second"), pk=pk)
    if states and found.state not in states:
        raise Http404
    return found


def _home(request: UserRequest, *, is_mentor: bool) -> str:
    """Where this side goes on; whoever has stopped meanwhile has no list any more."""
    if not is_mentor:
        return "dashboards:mein_start"
    return "members:my_tandems" if mentors.of(request.user.person) else "members:profile"


def _page(request: UserRequest, tandem: Tandem, form: MeetingForm | None = None) -> HttpResponse:
    person = request.user.person
    is_mentor = person.pk != tandem.newcomer_id
    # Whoever is under age is never met alone: both mentors know each other.
    sides = [tandem.newcomer, *tandem.mentors] if is_mentor else tandem.mentors
    others = [one for one in sides if one != person]
    started = tandem.started_on or clock.today()
    context = {
        "tandem": tandem,
        "is_mentor": is_mentor,
        "others": [(one, way_from(person, tandem, one)) for one in others],
        "is_late": tandem.first_meeting_by is not None and tandem.first_meeting_by < clock.today(),
        "functions": [] if is_mentor else _functions(others),
        "meetings": list(tandem.meetings.all()),
        "form": form or MeetingForm(started_on=started),
        "prompts": prompts_for(started, clock.today()) if is_mentor else (),
        "trusted": trusted_people(request.user.district.phone),
        "has_answered": tandem.feedback.filter(person=person).exists(),
    }
    return render(request, "members/tandem.html", context)


def _functions(people: list[Any]) -> list[str]:
    """What the mentors say they know about."""
    found = (getattr(one, "mentor", None) for one in people)
    return [mentor.functions for mentor in found if mentor and mentor.functions]


@require_GET
@scope("system:mentoring")
def tandem(request: UserRequest, pk: Any) -> HttpResponse:
    """Who, how to reach each other, what comes next."""
    found = _get(request, pk, State.ACTIVE, State.ENDED)
    return _page(request, found)


@require_POST
@scope("system:mentoring")
def my_proposal(request: UserRequest) -> HttpResponse:
    """The newcomer's yes or no to the proposal on *Mein Start*."""
    value = request.POST.get("antwort", "")
    if value not in ("ja", "nein"):
        raise Http404
    person = request.user.person
    if Tandem.objects.open().filter(newcomer=person).exists():
        return redirect("dashboards:mein_start")  # tapped twice: the page says what holds
    try:
        # What was shown may have changed over night.
        tandem_answers.answer_proposal(person, value, person, request.POST.get("mentor", ""))
    except DomainError as refusal:
        messages.info(request, str(refusal))
    else:
        said = {
            "ja": "Schön! Jetzt fragen wir die andere Person. Du hörst in den nächsten Tagen.",
            "nein": "Danke, dass du Bescheid sagst. Wir suchen weiter.",
        }
        messages.success(request, said[value])
    return redirect("dashboards:mein_start")


@require_POST
@scope("system:mentoring")
def tandem_answer(request: UserRequest, pk: Any) -> HttpResponse:
    """The mentor's yes or no."""
    person = request.user.person
    found = get_object_or_404(queries.parts_of(person).exclude(newcomer=person), pk=pk)
    value = request.POST.get("antwort", "")
    if value not in ("ja", "nein"):
        raise Http404
    if found.state != State.ASKED:  # tapped twice, or overtaken meanwhile
        messages.info(request, "Diese Anfrage ist nicht mehr offen.")
        return redirect(_home(request, is_mentor=True))
    try:
        found = tandems.answer(found.pk, person, yes=value == "ja", by=person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:my_tandems")
    if found.state == State.ACTIVE:
        messages.success(request, "Ihr seid jetzt ein Tandem. Melde dich bitte bald.")
        return redirect("members:tandem", found.pk)
    waits = "Danke dir! Sobald alle Ja gesagt haben, geht es los."
    if found.state == State.ENDED and value == "ja":
        waits = "Danke dir! Inzwischen hat sich die Anfrage erledigt."
    messages.success(request, waits if value == "ja" else "Danke, dass du Bescheid sagst.")
    return redirect(_home(request, is_mentor=True))


@require_POST
@scope("system:mentoring")
def tandem_met(request: UserRequest, pk: Any) -> HttpResponse:
    found = _get(request, pk, State.ACTIVE)
    assert found.started_on is not None  # active, held by a constraint
    form = MeetingForm(request.POST, started_on=found.started_on)
    if not form.is_valid():
        return _page(request, found, form)
    said = form.cleaned_data
    tandems.note_meeting(found.pk, said["met_on"], said["how"], request.user.person)
    messages.success(request, "Eingetragen. Schön, dass ihr euch trefft!")
    return redirect("members:tandem", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:mentoring")
def tandem_leave(request: UserRequest, pk: Any) -> HttpResponse:
    """The closing talk was held, a few months more, or an end without a reason."""
    found = get_object_or_404(queries.parts_of(request.user.person), pk=pk)
    is_mentor = request.user.person_id != found.newcomer_id
    if found.state == State.ENDED:  # tapped twice, or by the other side meanwhile
        return redirect(_home(request, is_mentor=is_mentor))
    if request.method != "POST":
        context = {"tandem": found, "is_mentor": is_mentor, "longer": tandems.LONGER}
        return render(request, "members/tandem_leave.html", context)
    try:
        said = _step(request, found, is_mentor=is_mentor)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:tandem_leave", found.pk)
    messages.success(request, said)
    found.refresh_from_db()
    if found.state == State.ACTIVE:
        return redirect("members:tandem", found.pk)
    if found.outcome == Tandem.Outcome.COMPLETED:
        return redirect("members:tandem_feedback", found.pk)
    return redirect(_home(request, is_mentor=is_mentor))


def _shown_end(request: UserRequest) -> date | None:
    try:
        return date.fromisoformat(request.POST.get("bis", ""))
    except ValueError:
        return None


def _step(request: UserRequest, tandem: Tandem, *, is_mentor: bool) -> str:
    step, person = request.POST.get("schritt", ""), request.user.person
    if step == "abschluss":
        tandems.complete(tandem.pk, person)
        return "Schön, dass ihr das gemacht habt. Fünf kurze Fragen noch, wenn du magst."
    if step in {f"laenger-{months}" for months in tandems.LONGER}:
        tandems.extend(tandem.pk, int(step.rpartition("-")[2]), person, _shown_end(request))
        return "Verlängert. Weiter so!"
    if step != "aufhoeren":
        raise Http404
    tandems.leave(tandem.pk, person, person)
    return "Beendet. Danke für deine Zeit." if is_mentor else "Beendet. Wir suchen weiter für dich."


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:mentoring")
def tandem_report(request: UserRequest, pk: Any) -> HttpResponse:
    """Block at once, and tell two people of the office if wished (T24)."""
    found = get_object_or_404(queries.begun_by(request.user.person), pk=pk)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        text = said["text"] if said["told"] == "melden" else None
        report = tandems.block(found.pk, request.user.person, text)
        answer = "Ihr habt keinen Kontakt mehr über das Portal, und niemand bringt euch zusammen."
        if report is not None:
            answer += _told(report)
        messages.success(request, answer)
        is_mentor = request.user.person_id != found.newcomer_id
        return redirect(_home(request, is_mentor=is_mentor))
    context = {"form": form, "trusted": trusted_people(request.user.district.phone)}
    return render(request, "members/tandem_report.html", context)


def _told(report: TandemReport) -> str:
    if report.second_told_id:
        return " Zwei Menschen der Geschäftsstelle lesen es. Jemand ruft dich bald an."
    if report.first_told_id:
        return " Eine Person der Geschäftsstelle liest es und ruft dich bald an."
    return " Gerade kann es niemand lesen. Bitte ruf eine der Vertrauenspersonen an."


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:mentoring")
def tandem_feedback(request: UserRequest, pk: Any) -> HttpResponse:
    """Five questions after the closing talk."""
    found = _get(request, pk, State.ENDED)
    form = FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tandems.give_feedback(found, request.user.person, form.cleaned_data)
        messages.success(request, "Danke dir. Das hilft allen, die nach euch kommen.")
        is_mentor = request.user.person_id != found.newcomer_id
        return redirect(_home(request, is_mentor=is_mentor))
    return render(request, "members/tandem_feedback.html", {"form": form, "tandem": found})
