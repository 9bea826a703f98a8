"""Becoming a mentor, and the mentor's own page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.tandems import MentorForm
from members.http import UserRequest, require
from members.models import Mentor, Person, Tandem
from members.queries import tandems as queries
from members.services import certificates
from members.services import mentors as service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.scope import scope


def _own(request: UserRequest) -> Mentor:
    """Whoever is a mentor or would like to be one; for everybody else there is no such page."""
    mentor = service.of(request.user.person)
    if mentor is None:
        raise Http404
    return mentor


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mentor_new(request: HttpRequest) -> HttpResponse:
    """The public call; signed in it is the form."""
    if isinstance(request.user, AnonymousUser):
        return render(request, "members/mentor_call.html")
    person = request.user.person
    if service.of(person):
        return redirect("members:my_tandems")
    form = MentorForm(request.POST or None, mentor=None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            service.apply(person, form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Danke! Die Koordination meldet sich und bereitet dich vor.")
            return redirect("members:my_tandems")
    return render(request, "members/mentor_new.html", {"form": form})


@require_POST
def mentor_invite(request: UserRequest, pk: Any) -> HttpResponse:
    """From a person's page: one mail, or a letter."""
    require(policies.can_edit_people(request.user))
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    try:
        service.invite(person, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Eingeladen. {person.first_name} entscheidet in Ruhe.")
    return redirect("members:person", person.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def mentor_profile(request: UserRequest) -> HttpResponse:
    """What I say about myself, and how many places I have."""
    mentor = _own(request)
    form = MentorForm(request.POST or None, mentor=mentor, person=request.user.person)
    if request.method == "POST" and form.is_valid():
        service.change(mentor, form.cleaned_data)
        messages.success(request, "Gespeichert. Es zählt ab dem nächsten Vorschlag.")
        return redirect("members:my_tandems")
    return render(request, "members/mentor_profile.html", {"form": form, "mentor": mentor})


@require_GET
@scope("system:mentoring")
def my_tandems(request: UserRequest) -> HttpResponse:
    """Who asks for me, whom I accompany, and a pause."""
    mentor, person = _own(request), request.user.person
    found = queries.of_person(person).with_last_sign().exclude(newcomer=person)
    rows = list(found.select_related("newcomer__kommune").order_by("asked_at", "pk"))
    asked = [one for one in rows if one.state == Tandem.State.ASKED]
    context = {
        "mentor": mentor,
        "asked": [one for one in asked if not one.has_said_yes(person)],
        "waiting": [one for one in asked if one.has_said_yes(person)],
        "active": [one for one in rows if one.state == Tandem.State.ACTIVE],
        "ended": [one for one in rows if one.state == Tandem.State.ENDED],
        "taken": sum(one.state != Tandem.State.ENDED for one in rows),
        "today": clock.today(),
    }
    return render(request, "members/my_tandems.html", context)


@require_POST
def mentor_pause(request: UserRequest) -> HttpResponse:
    """No new proposals, or again; what runs goes on."""
    mentor = _own(request)
    rests = request.POST.get("pause") == "ja"
    service.pause(mentor, rests=rests)
    said = "Gute Pause! Was läuft, läuft weiter." if rests else "Schön, dass du wieder da bist."
    messages.success(request, said)
    return redirect("members:my_tandems")


@require_POST
def mentor_stop(request: UserRequest) -> HttpResponse:
    """No mentor any more; tandems that run are ended one by one, with a word to each."""
    mentor = _own(request)
    if queries.of_person(request.user.person).open().exclude(newcomer=request.user.person).exists():
        messages.error(request, "Beende bitte zuerst deine laufenden Tandems.")
        return redirect("members:my_tandems")
    service.stop(mentor)
    messages.success(request, "Danke für deine Zeit! Du kannst jederzeit wieder einsteigen.")
    return redirect("members:profile")


@require_GET
def mentor_certificate(request: UserRequest) -> HttpResponse:
    """What a mentor has done, as a PDF; there is none before the first closing talk."""
    with scope("system:mentoring"):
        pdf = certificates.pdf(request.user.person)
    if pdf is None:
        raise Http404
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="bescheinigung.pdf"'
    return answer
