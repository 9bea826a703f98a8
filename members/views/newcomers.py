"""Newcomers: the lists, one person, and logging how it went."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.generic import ListView

from members import policies
from members.forms.talks import ContactForm, usual_kind
from members.http import UserRequest
from members.models import Contact, Gliederung, Milestone, Onboarding, Person
from members.queries import newcomers, transfers
from members.services import answers
from members.services import onboarding as service
from members.services.reference import MESSENGER
from portal.common import consents
from portal.common.dates import day
from portal.common.errors import DomainError


class NewcomerList(ListView):
    """One of the named lists, optionally narrowed by a name."""

    template_name = "members/newcomer_list.html"
    context_object_name = "onboardings"
    paginate_by = 50
    request: UserRequest

    def get_queryset(self) -> QuerySet[Any, Any]:
        code = self.request.GET.get("liste", "alle")
        if code not in newcomers.LISTS:
            raise Http404
        self.list = newcomers.LISTS[code]
        found = newcomers.newcomers(self.request.user, code)
        self.gliederung = self._gliederung()
        if self.gliederung:
            found = found.filter(person__gliederung=self.gliederung)
        words = self.request.GET.get("q", "")[:100]
        if words:
            people = Person.objects.visible_to(self.request.user).matching(words)
            found = found.filter(person__in=people)
        return newcomers.urgent_first(found).values_list("pk", flat=True)

    def _gliederung(self) -> Gliederung | None:
        """The Ortsverein the list is narrowed to; an unknown one narrows nothing."""
        with suppress(ValueError):
            return Gliederung.objects.filter(pk=UUID(self.request.GET.get("ov", ""))).first()
        return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = ["alle", "gefragt", "faellig", "offen"]
        if self.request.user.sees_whole_district:
            shown += ["ohne-ansprechperson", "ohne-mentor"]
        context = super().get_context_data(
            lists=[newcomers.LISTS[code] for code in shown],
            list=self.list,
            gliederung=self.gliederung,
            words=self.request.GET.get("q", "")[:100],
            may_enter=policies.can_edit_people(self.request.user),
            sees_transfers=policies.can_see_transfers(self.request.user),
            **kwargs,
        )
        return context | {"onboardings": newcomers.rows_of(list(context["onboardings"]))}


def _get(request: UserRequest, pk: Any) -> Onboarding:
    visible = Onboarding.objects.visible_to(request.user).select_related(
        "person__gliederung__level", "person__kommune", "responsible"
    )
    onboarding = get_object_or_404(visible, pk=pk)
    # A newcomer sees the own onboarding on "Mein Start", not through the volunteers' pages.
    if not policies.can_log_contact(request.user, onboarding):
        raise Http404
    return onboarding


@require_GET
def newcomer(request: UserRequest, pk: Any) -> HttpResponse:
    """The call sheet: who, how to reach them, what is due, what was said."""
    onboarding = _get(request, pk)
    context = {
        "onboarding": onboarding,
        "person": onboarding.person,
        "milestones": list(onboarding.milestones.all()),
        "contacts": onboarding.contacts.select_related("made_by").order_by("-created_at"),
        "topics": list(onboarding.person.topics.all()),
        "leaves_on": onboarding.person.memberships.values_list("left_on", flat=True)
        .order_by("has_ended", "-joined_on")
        .first(),
        "may_use_messenger": consents.holds(onboarding.person_id, MESSENGER),
        "entered": answers.entered_for(onboarding.person),
        "transfer": transfers.running(onboarding.person),
        "prefers_writing": usual_kind(onboarding.person) == Contact.Kind.EMAIL,
    }
    return render(request, "members/newcomer_detail.html", context)


@require_http_methods(["GET", "POST"])
def log_contact(request: UserRequest, pk: Any) -> HttpResponse:
    """One tap opens this page, the second logs the result."""
    onboarding = _get(request, pk)
    if request.method == "GET":
        return _contact_page(request, onboarding, ContactForm(onboarding=onboarding))
    form = ContactForm(request.POST, onboarding=onboarding)
    if not form.is_valid():
        return _contact_page(request, onboarding, form)
    try:
        contact = service.log_contact(onboarding, request.user.person, form.talk())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:newcomer", onboarding.pk)
    messages.success(request, _answer(onboarding, contact))
    return redirect("dashboards:heute")


def _contact_page(request: HttpRequest, onboarding: Onboarding, form: ContactForm) -> HttpResponse:
    context = {
        "onboarding": onboarding,
        "person": onboarding.person,
        "form": form,
        "results": Contact.Result.choices,
    }
    return render(request, "members/contact_form.html", context)


def _answer(onboarding: Onboarding, contact: Contact) -> str:
    """Say what is kept and what comes next, in one sentence each."""
    name = onboarding.person.first_name
    open_next = onboarding.milestones.filter(state=Milestone.State.OPEN).first()
    after = f" Als Nächstes: {open_next.title} bis {day(open_next.due_on)}." if open_next else ""
    if contact.result == Contact.Result.REACHED:
        return f"Danke! Das Gespräch mit {name} ist eingetragen.{after}"
    if contact.result == Contact.Result.NO_CONTACT:
        return f"Eingetragen. {name} wird nicht mehr angerufen."
    return f"Eingetragen. Danke, dass du es bei {name} versucht hast.{after}"


@require_POST
def hand_over(request: UserRequest, pk: Any, milestone: Any) -> HttpResponse:
    """The Parteibuch is in the newcomer's hands."""
    onboarding = _get(request, pk)
    found = get_object_or_404(onboarding.milestones, pk=milestone)
    try:
        service.hand_over(found, request.user.person)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{found.title}: eingetragen.")
    return redirect("members:newcomer", onboarding.pk)
