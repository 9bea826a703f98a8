"""What I have allowed: one tap to give, one to take back, and the proof on paper."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from members import policies
from members.http import UserRequest, require
from members.models import Person
from members.services import consenting
from portal.common import consents as registry


@require_GET
def consents(request: UserRequest) -> HttpResponse:
    """Every purpose with the text of today."""
    person = request.user.person
    context = {"offered": consenting.offered(person), "proofs": consenting.proofs(person)}
    return render(request, "members/rights/consents.html", context)


@require_POST
def consent(request: UserRequest, purpose: str) -> HttpResponse:
    """Give or take back one consent; both are one tap."""
    person, found = request.user.person, registry.find_purpose(purpose)
    if found is None or found not in [one.purpose for one in consenting.offered(person)]:
        raise Http404
    if request.POST.get("answer") == "yes":
        consenting.give(person, found)
        messages.success(request, "Danke. Das kannst du hier jederzeit zurücknehmen.")
    elif consenting.withdraw(person, found):
        messages.success(request, f"Zurückgenommen: {found.title}. Das gilt ab sofort.")
    else:
        logout(request)
        messages.success(request, "Zurückgenommen. Alles, was hier über dich stand, ist gelöscht.")
        return redirect("dashboards:home")
    return redirect("members:consents")


@require_GET
def my_proof(request: UserRequest) -> HttpResponse:
    """Everything I ever agreed to, with the words I read; to print."""
    return _proof(request, request.user.person)


@require_GET
def proof(request: UserRequest, pk: Any) -> HttpResponse:
    """The same about somebody else, for whoever has to show it."""
    require(policies.can_answer_rights(request.user))
    return _proof(request, get_object_or_404(Person.objects.visible_to(request.user), pk=pk))


def _proof(request: UserRequest, person: Person) -> HttpResponse:
    context = {
        "person": person,
        "proofs": consenting.proofs(person),
        "is_me": person.pk == request.user.person_id,
    }
    return render(request, "members/rights/proof.html", context)
