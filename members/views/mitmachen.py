"""*Mitmachen*: find a place, and say that one would like to come."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.mitmachen import CatalogueForm
from members.http import UserRequest, posted_ids
from members.labels import LANGUAGES, TAGS
from members.models import MitmachOrt, Person, Topic
from members.models.mitmachen import ASKED_BEFORE
from members.queries import meldungen, mitmachen
from members.queries.mitmachen import Catalogue
from members.services import mitmachen as service
from members.services.reference import MESSENGER
from members.suggestions import has_plan
from portal.common import clock, consents
from portal.common.errors import DomainError

ROWS_PER_PAGE = 20
SUGGESTED_BY_PHONE = 8


@require_GET
def mitmachen_page(request: UserRequest) -> HttpResponse:
    """First what fits, then everything, narrowed as one likes."""
    user = request.user
    found = mitmachen.catalogue(user.person)
    form = _filters(request, found)
    orte = mitmachen.narrow(found, form.wanted())
    keeps, owners = policies.can_keep_places(user), meldungen.Owners(user)
    answers = keeps or found.is_host
    context = {
        "found": found,
        "asked": [(ort, mitmachen.promise(ort, user.person)) for ort in found.asked],
        "form": form,
        "is_narrowed": len(orte) < len(found.orte),
        "page": Paginator(orte, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        # Who welcomes others knows whom to call.
        "contact": None if found.is_enough or answers else mitmachen.whom_to_call(user),
        "answers": answers,
        "waiting": meldungen.waiting_answers(user, owners) if answers else (),
        "to_confirm": meldungen.to_confirm(user, owners)[:3] if answers else (),
        "keeps": keeps,
    }
    return render(request, "members/mitmachen/catalogue.html", context)


def _filters(request: UserRequest, found: Catalogue) -> CatalogueForm:
    used = {pk for ort in found.orte for pk in ort.topic_ids}
    kommunen = {ort.kommune.pk: ort.kommune for ort in found.orte if ort.kommune}
    return CatalogueForm(
        request.GET,
        topics=[topic for topic in found.topics if topic.pk in used],
        kommunen=sorted(kommunen.values(), key=lambda kommune: kommune.short_name),
        has_shifts=has_plan(found.me, clock.today()),
    )


@require_POST
def choose_topic(request: UserRequest, pk: Any) -> HttpResponse:
    """One tap on a topic makes it mine, or takes it away."""
    topic, person = get_object_or_404(Topic, pk=pk), request.user.person
    wanted = request.POST.get("wahl") != "weg"
    if wanted and not topic.is_offered:
        raise Http404
    service.choose_topic(person, topic, wanted=wanted, by=person)
    said = "gehört jetzt zu deinen Themen" if wanted else "ist nicht mehr dabei"
    messages.success(request, f"{topic.name} {said}.")
    return redirect("members:mitmachen")


def _visible(request: UserRequest, pk: Any) -> Any:
    """The place, or 404 for whoever does not see it."""
    user = request.user
    seen = MitmachOrt.objects.visible_to(user).values("pk")
    return get_object_or_404(mitmachen.annotated(user.person), pk=pk, pk__in=seen)


@require_GET
def ort(request: UserRequest, pk: Any) -> HttpResponse:
    """What, when, where, for whom, and one tap to be told more."""
    found, user = _visible(request, pk), request.user
    topics = found.topics.all()
    holds = consents.holds(user.person_id, MESSENGER)
    context = {
        "ort": found,
        "topics": topics,
        "when": mitmachen.when(found),
        "language": LANGUAGES.get(found.language, found.language),
        "tags": [TAGS[code] for code in found.tags if code in TAGS],
        "knows_where": mitmachen.may_know_the_meeting_point(user),
        "promise": mitmachen.promise(found, user.person) if found.asked_at else "",
        "way": meldungen.way_to(user.person, holds),
        "is_asked": found.hidden_on <= clock.today() + ASKED_BEFORE,
        "is_host": found.host_id == user.person_id,
        "keeps": policies.can_keep_place(user, found),
        "confirms": policies.can_confirm_place(user, found),
    }
    return render(request, "members/mitmachen/ort.html", context)


@require_POST
def tell(request: UserRequest, pk: Any) -> HttpResponse:
    found = _visible(request, pk)
    try:
        service.tell_me(found, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:ort", found.pk)
    now = _visible(request, pk)
    messages.success(request, f"Gesagt. {mitmachen.promise(now, request.user.person)}.")
    return redirect("members:ort", found.pk)


@require_POST
def withdraw(request: UserRequest, pk: Any) -> HttpResponse:
    found = _visible(request, pk)
    if service.withdraw(found, request.user.person):
        messages.success(request, "Zurückgenommen. Niemand meldet sich deswegen.")
    if MitmachOrt.objects.visible_to(request.user).filter(pk=found.pk).exists():
        return redirect("members:ort", found.pk)
    return redirect("members:mitmachen")


@require_http_methods(["GET", "POST"])
def by_phone(request: UserRequest, pk: Any) -> HttpResponse:
    """„Telefonisch für …“: topics and places, entered while talking (R1)."""
    people = Person.objects.visible_to(request.user).select_related("gliederung__level")
    person = get_object_or_404(people, pk=pk)
    if not policies.can_answer_for(request.user, person):
        raise Http404
    if request.method == "POST":
        try:
            _enter(request, person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect("members:ort_by_phone", person.pk)
    found = mitmachen.catalogue(person, SUGGESTED_BY_PHONE)
    context = {
        "person": person,
        "found": found,
        "asked": [(ort, mitmachen.promise(ort, person)) for ort in found.asked],
    }
    return render(request, "members/mitmachen/by_phone.html", context)


def _enter(request: UserRequest, person: Person) -> None:
    """One tap is one answer; what no longer exists is 404."""
    by, said = request.user.person, request.POST.get("was", "")
    if said in ("thema", "thema-weg"):
        topic = get_object_or_404(Topic, pk__in=posted_ids(request, "id", 1))
        service.choose_topic(person, topic, wanted=said == "thema", by=by)
    else:
        found = get_object_or_404(
            MitmachOrt.objects.going_on(), pk__in=posted_ids(request, "id", 1)
        )
        if said == "bescheid":
            service.tell_me(found, person)
        elif not service.withdraw(found, person):
            return
    service.note_said_by_phone(person, by)
    messages.success(request, f"Für {person.first_name} eingetragen.")
