"""Enter a new member by hand."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members import policies
from members.forms.entry import EntryForm
from members.http import UserRequest
from members.models import Onboarding, Person
from members.models.interest import applications
from members.services import entry as service
from members.services import people


@require_http_methods(["GET", "POST"])
def enter(request: UserRequest) -> HttpResponse:
    """One page for somebody who joined on paper, or whom the export does not know yet."""
    if not policies.can_edit_people(request.user):
        raise PermissionDenied
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = service.enter(form.entry(), request.user.person)
        except service.NumberTaken as refusal:
            form.add_error("number", str(refusal))
        except people.GliederungGone as refusal:
            form.add_error("gliederung", str(refusal))
        else:
            messages.success(request, _answer(person))
            return redirect("members:person", person.pk)
    return render(request, "members/entry_form.html", {"form": form})


def _answer(person: Person) -> str:
    """Say what happens next, so that nobody has to guess."""
    if person.memberships.filter(applications()).exists():
        return f"Der Antrag von {person.full_name} ist eingetragen und steht unter „Aufnahmen“."
    if not person.onboardings.filter(state=Onboarding.State.RUNNING).exists():
        return f"{person.full_name} ist eingetragen, ohne Fristen: Der Eintritt ist länger her."
    if person.gliederung is None:
        return f"{person.full_name} ist eingetragen. Bitte ordne noch den Ortsverein zu."
    way = "per E-Mail" if person.email else "als Brief"
    return f"{person.full_name} ist eingetragen. Das Willkommen geht {way} hinaus."
