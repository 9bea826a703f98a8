"""„Anfragen“: what people ask about their data, answered by the office within a month."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.rights import PhoneRequestForm, ReasonForm, ReplyForm
from members.http import UserRequest, require
from members.models import Person, RightsRequest
from members.queries import rights as query
from members.reauth import recently_confirmed
from members.services import export
from members.services import rights as service
from members.views.my_data import download
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.scope import scope

ROWS_PER_PAGE = 50


@require_GET
@scope("system:rights")
def requests(request: UserRequest) -> HttpResponse:
    """What waits for an answer; Datenschutz reads along."""
    require(policies.can_see_rights(request.user))
    page = Paginator(query.in_order(request.user), ROWS_PER_PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "may_answer": policies.can_answer_rights(request.user),
        "soon": clock.today() + query.SOON,
    }
    return render(request, "members/rights/list.html", context)


@require_http_methods(["GET", "POST"])
def answer(request: UserRequest, pk: Any) -> HttpResponse:
    """One request; POST answers it, once."""
    require(policies.can_answer_rights(request.user))
    visible = RightsRequest.objects.visible_to(request.user)
    found = get_object_or_404(
        visible.select_related("person__gliederung__level", "answered_by", "entered_by"), pk=pk
    )
    is_own = found.person_id == request.user.person_id
    require(request.method == "GET" or not is_own)
    data = request.POST if request.method == "POST" else None
    form = ReplyForm(data, first_name=found.person.first_name)
    if request.method == "POST" and form.is_valid():
        try:
            service.answer(found, form.reply(), request.user.person)
        except service.AlreadyAnswered as refusal:
            messages.error(request, str(refusal))
            return redirect("members:rights_request", found.pk)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            way = "per E-Mail" if found.person.email else "als Brief"
            messages.success(request, f"Beantwortet. Die Antwort geht {way} hinaus.")
            return redirect("members:rights")
    context = {
        "one": found,
        "person": found.person,
        "form": form,
        "is_own": is_own,
        "is_member": service.is_member(found.person),
    }
    return render(request, "members/rights/answer.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@recently_confirmed
def person_export(request: UserRequest, pk: Any) -> HttpResponse:
    """Everything about somebody who asked for it on paper or by phone."""
    require(policies.can_answer_rights(request.user))
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    require(person.pk != request.user.person_id)  # one's own file needs no reason
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        return download(export.for_person(person, reason, request.user.person))
    return render(request, "members/rights/person_export.html", {"form": form, "person": person})


def _answered_for(request: UserRequest, pk: Any) -> Person:
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    if not policies.can_answer_for(request.user, person):
        raise Http404
    return person


@require_http_methods(["GET", "POST"])
def by_phone(request: UserRequest, pk: Any) -> HttpResponse:
    """„Telefonisch für …“: every request somebody could make alone (R1)."""
    person = _answered_for(request, pk)
    data = request.POST if request.method == "POST" else None
    form = PhoneRequestForm(data, held=query.standing(person))
    if request.method == "POST" and form.is_valid():
        try:
            service.ask(person, form.asked(), request.user.person)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Für {person.first_name} eingetragen.")
            return redirect("members:rights_by_phone", person.pk)
    context = {"form": form, "person": person, "requests": query.of_person(person)}
    return render(request, "members/rights/by_phone.html", context)


@require_POST
def by_phone_withdraw(request: UserRequest, pk: Any, one: Any) -> HttpResponse:
    """„Doch nicht“, said on the phone."""
    person = _answered_for(request, pk)
    found = get_object_or_404(RightsRequest.objects.filter(person=person), pk=one)
    try:
        service.withdraw(found, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Für {person.first_name} zurückgenommen.")
    return redirect("members:rights_by_phone", person.pk)
