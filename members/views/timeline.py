"""Who did what when, for the office."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from members import policies
from members.http import UserRequest, require
from members.models import Person
from members.queries import timeline
from members.services import answers


@require_GET
def timeline_page(request: UserRequest, pk: Any) -> HttpResponse:
    """One person's timeline; also for people who have left or never were newcomers."""
    require(policies.can_edit_people(request.user))
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    context = {"person": person, "entries": timeline.for_staff(person, answers.labels())}
    return render(request, "members/timeline.html", context)
