"""„Briefe“: print them in batches, tick them when they are in the post box."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.post import AddressForm, TickForm
from members.http import UserRequest, require
from members.models import Person
from members.queries import letters as waiting_query
from members.queries import post as query
from members.services import letters as service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.outbox import desk
from portal.common.outbox.models import OutgoingMail

State = OutgoingMail.State


def _chosen(request: UserRequest) -> list[UUID]:
    """The ticked rows; what is no id was not sent by our page and is left out."""
    chosen = []
    for value in request.POST.getlist("brief"):
        with suppress(ValueError):
            chosen.append(UUID(value))
    return chosen


@require_GET
def waiting(request: UserRequest) -> HttpResponse:
    """What is to be printed, and what is printed but not ticked yet."""
    require(policies.can_manage_mail(request.user))
    found = waiting_query.waiting()
    context = {
        "rows": query.with_people(request.user, found[: desk.MOST_LETTERS]),
        "count": found.count(),
        "most": desk.MOST_LETTERS,
        "batches": waiting_query.open_runs(request.user),
    }
    return render(request, "members/letters.html", context)


@require_POST
def print_some(request: UserRequest) -> HttpResponse:
    """Make a batch of the chosen letters and go to its page, where the PDF is."""
    require(policies.can_manage_mail(request.user))
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, "Bitte wähle zuerst mindestens einen Brief aus.")
        return redirect("members:letters")
    try:
        printed = service.print_letters(chosen, request.user.person_id)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:letters")
    if printed.left_out:
        messages.info(request, service.sentence(request.user, printed.left_out))
    if not printed.letters:
        return redirect("members:letters")
    return redirect("members:letter_batch", printed.batch)


def _batch(batch: UUID) -> query.Rows:
    rows = query.letters(batch=batch).exclude(state=State.DROPPED)
    if not rows.exists():
        raise Http404
    return rows


@require_GET
def batch(request: UserRequest, batch: UUID) -> HttpResponse:
    """One print run: download it, put it into envelopes, tick it."""
    require(policies.can_manage_mail(request.user))
    rows = query.with_people(request.user, _batch(batch))
    sent = [row for row in rows if row.mail.state == State.SENT]
    context = {
        "batch": batch,
        "open": [row for row in rows if row.mail.state == State.QUEUED],
        "sent": sent,
        "without_street": [row for row in rows if row.person and not row.person.street],
        "can_untick": any(_is_from_today(row.mail) for row in sent),
        "form": TickForm(),
    }
    return render(request, "members/letter_batch.html", context)


def _is_from_today(mail: OutgoingMail) -> bool:
    return mail.ticked_at is not None and timezone.localdate(mail.ticked_at) == clock.today()


def _pdf(request: UserRequest, rows: Any, name: str, back: HttpResponse) -> HttpResponse:
    if left_out := service.unneeded(rows):
        messages.info(request, service.sentence(request.user, left_out))
    try:
        content = service.pdf(rows, request.user.person_id)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return back
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


@require_GET
def batch_pdf(request: UserRequest, batch: UUID) -> HttpResponse:
    """The same batch may be downloaded again: printers jam."""
    require(policies.can_manage_mail(request.user))
    back = redirect("members:letter_batch", batch)
    return _pdf(request, _batch(batch), f"briefe-{clock.today():%Y-%m-%d}", back)


@require_GET
def single_pdf(request: UserRequest, pk: UUID) -> HttpResponse:
    """One letter to look at; it stays where it is."""
    require(policies.can_manage_mail(request.user))
    mail = get_object_or_404(query.letters(), pk=pk)
    return _pdf(request, [mail], "brief", redirect("members:letters"))


@require_POST
def tick(request: UserRequest, batch: UUID) -> HttpResponse:
    """The chosen letters were posted on that day."""
    require(policies.can_manage_mail(request.user))
    form = TickForm(request.POST)
    chosen = set(_chosen(request)) & set(_batch(batch).values_list("pk", flat=True))
    if not form.is_valid() or not chosen:
        messages.error(request, "Bitte wähle Briefe aus und ein Datum wie 24.12.2026.")
        return redirect("members:letter_batch", batch)
    try:
        count = desk.tick(chosen, form.cleaned_data["on"], request.user.person_id)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Ein Brief abgehakt." if count == 1 else f"{count} abgehakt.")
    return redirect("members:letter_batch", batch)


@require_POST
def untick(request: UserRequest, batch: UUID) -> HttpResponse:
    require(policies.can_manage_mail(request.user))
    _batch(batch)
    try:
        count = desk.untick(batch, request.user.person_id)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Zurückgenommen: {count} Briefe sind wieder offen.")
    return redirect("members:letter_batch", batch)


@require_POST
def back(request: UserRequest, pk: UUID) -> HttpResponse:
    """A printed letter is not sent after all: it waits again."""
    require(policies.can_manage_mail(request.user))
    mail = get_object_or_404(query.letters(), pk=pk)
    (row,) = query.with_people(request.user, [mail])
    try:
        waiting = desk.back_to_waiting(mail.pk, request.user.person_id, address=row.address_today)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            "Es gibt inzwischen eine Adresse: Es wird eine Mail."
            if waiting.channel == waiting.Channel.MAIL
            else "Dieser Brief wartet wieder auf den Druck.",
        )
    return redirect("members:letters")


@require_http_methods(["GET", "POST"])
def address(request: UserRequest, pk: UUID) -> HttpResponse:
    """Where this letter goes to; asked for only when there is a letter."""
    require(policies.can_manage_mail(request.user))
    mail = get_object_or_404(query.letters(), pk=pk)
    visible = Person.objects.visible_to(request.user)
    person = get_object_or_404(visible, pk=mail.recipient_key)
    form = AddressForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        by = request.user.person
        service.save_address(person, by, data["street"], data["plz"], data["city"])
        messages.success(request, "Adresse gespeichert.")
        return (
            redirect("members:letter_batch", mail.batch)
            if mail.batch
            else redirect("members:letters")
        )
    return render(request, "members/letter_address.html", {"form": form, "person": person})
