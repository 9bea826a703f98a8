"""Everybody the district knows: find somebody, and see what can be done for them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from members import policies
from members.http import UserRequest
from members.models import Interest, Person
from members.queries import transfers
from members.services import mentors

ROWS_PER_PAGE = 50


@require_GET
def people(request: UserRequest) -> HttpResponse:
    """Search by name; without words everybody, sorted."""
    if not policies.can_see_people(request.user):
        raise PermissionDenied
    words = request.GET.get("q", "")[:100]
    found = Person.objects.visible_to(request.user).matching(words)
    page = Paginator(
        found.select_related("gliederung").order_by("sort_name", "id"), ROWS_PER_PAGE
    ).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "words": words,
        "may_edit": policies.can_edit_people(request.user),
    }
    return render(request, "members/person_list.html", context)


@require_GET
def person(request: UserRequest, pk: Any) -> HttpResponse:
    """One person: how to reach them, what they are, and the pages that act on them."""
    if not policies.can_see_people(request.user):
        raise PermissionDenied
    visible = Person.objects.visible_to(request.user).select_related("gliederung__level", "kommune")
    found = get_object_or_404(visible, pk=pk)
    context = {
        "person": found,
        "membership": found.memberships.order_by("has_ended", "-joined_on").first(),
        "onboarding": found.onboardings.order_by("-started_on").first(),
        "aemter": found.aemter.active().select_related("gliederung__level"),
        "may_edit": policies.can_edit_people(request.user),
        "may_manage": policies.can_manage_organisation(request.user),
        "may_assign": policies.can_edit_people(request.user),
        "may_answer_rights": policies.can_answer_rights(request.user)
        and found.pk != request.user.person_id,
        "transfer": transfers.running(found),
        "may_hold": policies.can_hold(request.user),
        "hold": found.holds.active().first(),
        "may_invite_as_mentor": policies.can_edit_people(request.user)
        and mentors.of(found) is None
        and not found.is_minor,
        "interest": found.interests.filter(state=Interest.State.CONFIRMED).first(),
    }
    return render(request, "members/person_detail.html", context)
