"""The coordinator's board: where a tandem needs a call, where mentors are missing.

Whoever coordinates reaches nobody by their office, so these pages read in a scope of their own;
they name only people who have both said yes, and mentors, who know who coordinates.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies, region_map, seen
from members.forms.tandems import CareForm, PrepareForm, RuleForm
from members.http import UserRequest, require
from members.labels import PARTS
from members.models import (
    Kommune,
    MatchingRun,
    MatchProposal,
    Mentor,
    PairRule,
    Person,
    Tandem,
    Topic,
)
from members.models.retention import held_people
from members.queries import tandems as queries
from members.services import mentors, tandem_pairs, tandems
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.scope import scope


@require_GET
@scope("system:mentoring")
def tandem_board(request: UserRequest) -> HttpResponse:
    """Every open tandem in one column, and where capacity and wishes do not meet."""
    require(policies.can_coordinate_mentoring(request.user))
    chosen = _one_of(Kommune.objects.all(), request.GET.get("ort", ""))
    topic = _one_of(Topic.objects.all(), request.GET.get("thema", ""))
    columns, places, shapes = queries.board(chosen, topic), queries.places(), region_map.shapes()
    queries.note_names(columns)
    context = {
        "columns": columns,
        "calls": queries.needing_somebody(clock.today()).count(),
        "places": places,
        "lacking": [place for place in places if place.lacks],
        "shapes": [
            (place, shapes[place.kommune.ags]) for place in places if place.kommune.ags in shapes
        ],
        "view_box": region_map.VIEW_BOX,
        "chosen": str(chosen or ""),
        "chosen_topic": str(topic or ""),
        "all_topics": Topic.objects.order_by("position", "name"),
        "topics": queries.topics_without_mentor(),
        "feedback": queries.feedback(),
        "decisions": [(one, _points(one)) for one in queries.decisions()],
    }
    return render(request, "members/tandem_board.html", context)


def _points(tandem: Tandem) -> list[tuple[str, int]]:
    """Label and points of what the run had counted."""
    return [(PARTS[name], points) for name, points in tandem.parts.items() if name in PARTS]


def _one_of(rows: QuerySet[Any], text: str) -> UUID | None:
    """What does not exist is as good as nothing."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    return wanted if rows.filter(pk=wanted).exists() else None


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:mentoring")
def tandem_care(request: UserRequest, pk: Any) -> HttpResponse:
    """One tandem that needs a call: both numbers, and what came of it."""
    require(policies.can_coordinate_mentoring(request.user))
    rows = Tandem.objects.open().without_held().with_last_sign()
    found = get_object_or_404(rows.select_related("newcomer", "mentor", "second"), pk=pk)
    if not found.has_all_yeses:
        raise Http404  # nobody is named before (R14)
    if request.method == "POST":
        form = CareForm(request.POST)
        if form.is_valid():
            _care(request, found, form.cleaned_data["step"])
            return redirect("members:tandem_board")
    people = [found.newcomer, *found.mentors]
    seen.note((one.pk for one in people), close=True)
    context = {
        "tandem": found,
        "people": people,
        "lacks_paper": tandem_pairs.waits_for_guardian(found),
        "is_over": found.planned_end is not None and found.planned_end < clock.today(),
    }
    return render(request, "members/tandem_care.html", context)


def _care(request: UserRequest, tandem: Tandem, step: str) -> None:
    steps: dict[str, tuple[Callable[[UUID, Person], object], str]] = {
        "called": (tandems.coordinator_called, "Notiert. Die Stille zählt ab heute neu."),
        "complete": (tandems.complete, "Abgeschlossen. Beide können noch fünf Fragen beantworten."),
        "stop": (tandems.stop, "Beendet. Für das Neumitglied suchen wir weiter."),
        "block": (tandems.block, "Gesperrt. Die beiden werden nie wieder zusammengebracht."),
        "extend": (tandems.extend_by_call, "Verlängert. Beide lesen es auf ihrer Seite."),
        "guardian": (tandems.paper_is_there, "Notiert. Fehlt nichts anderes, geht es jetzt los."),
    }
    act, said = steps[step]
    try:
        act(tandem.pk, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)


@require_GET
@scope("system:mentoring")
def mentors_list(request: UserRequest) -> HttpResponse:
    """Who accompanies others, and who would like to and waits for a talk."""
    require(policies.can_coordinate_mentoring(request.user))
    found = list(queries.mentors_list())
    seen.note(one.person_id for one in found)
    context = {
        "applied": [one for one in found if one.prepared_on is None],
        "mentors": [one for one in found if one.prepared_on is not None],
    }
    return render(request, "members/mentors_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:mentoring")
def mentor_prepare(request: UserRequest, pk: Any) -> HttpResponse:
    """After the talk: prepared on, minors, last day."""
    require(policies.can_coordinate_mentoring(request.user))
    rows = Mentor.objects.exclude(person__in=held_people())
    mentor = get_object_or_404(rows.select_related("person"), pk=pk)
    seen.note([mentor.person_id], close=True)
    initial = {
        "prepared_on": mentor.prepared_on or clock.today(),
        "accepts_minors": mentor.accepts_minors,
        "active_to": mentor.active_to,
    }
    form = PrepareForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            mentors.prepare(
                mentor,
                request.user.person,
                on=said["prepared_on"],
                minors=said["accepts_minors"],
                until=said["active_to"],
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Gespeichert. Es zählt ab dem nächsten Vorschlag.")
            return redirect("members:mentors")
    return render(request, "members/mentor_prepare.html", {"form": form, "mentor": mentor})


@require_POST
@scope("system:mentoring")
def pair_rule(request: UserRequest, pk: Any) -> HttpResponse:
    """Hold a proposed pair in every run, or never propose it again."""
    require(policies.can_coordinate_mentoring(request.user))
    rows = MatchProposal.objects.filter(
        run__state__in=[MatchingRun.State.CURRENT, MatchingRun.State.PREVIEW],
        mentor__isnull=False,
    )
    proposal = get_object_or_404(rows.select_related("onboarding", "mentor"), pk=pk)
    form = RuleForm(request.POST)
    if form.is_valid():
        kind = form.cleaned_data["kind"]
        mentors.rule(proposal, kind, request.user.person)
        said = {
            "fixed": "Festgehalten: Dieses Paar bleibt in jedem Lauf.",
            "free": "Wieder frei.",
            "forbidden": "Die beiden werden einander nicht mehr vorgeschlagen.",
        }
        messages.success(request, said[kind])
    return redirect("members:mentoring")


@require_POST
@scope("system:mentoring")
def pair_rule_lift(request: UserRequest, pk: Any) -> HttpResponse:
    """Take a rule back."""
    require(policies.can_coordinate_mentoring(request.user))
    mentors.lift(get_object_or_404(PairRule, pk=pk), request.user.person)
    messages.success(request, "Aufgehoben. Es zählt ab dem nächsten Vorschlag.")
    return redirect("members:mentoring")
