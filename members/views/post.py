"""„Post“: what waits, fails, is held back, was sent – and what one person will get."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from members import policies
from members.http import UserRequest, require
from members.models import Person
from members.queries import post as query
from portal.common.errors import DomainError
from portal.common.models import AddressTrouble
from portal.common.outbox import addresses, desk
from portal.common.outbox.forecasts import outlook

ROWS_PER_PAGE = 50


@require_GET
def post(request: UserRequest) -> HttpResponse:
    """One tab of the outbox, narrowed by name or kind; first what fails."""
    require(policies.can_manage_mail(request.user))
    counted = query.counts()
    code = request.GET.get("stand") or ("scheitert" if counted["scheitert"] else "wartet")
    if code not in query.TABS:
        raise Http404
    words, kind = request.GET.get("q", "")[:100], request.GET.get("art", "")[:60]
    found = query.search(request.user, code, words, kind)
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": [(tab, counted[tab.code]) for tab in query.TABS.values()],
        "tab": query.TABS[code],
        "page": page,
        "rows": query.with_people(request.user, page.object_list),
        "words": words,
        "kind": kind,
        "kinds": query.kind_choices(),
        "paused": AddressTrouble.objects.filter(paused_at__isnull=False).count(),
    }
    return render(request, "members/post.html", context)


def _row(request: UserRequest, pk: Any) -> query.PostRow:
    require(policies.can_manage_mail(request.user))
    row = query.one(request.user, pk)
    if row is None:
        raise Http404
    return row


@require_GET
def item(request: UserRequest, pk: Any) -> HttpResponse:
    """One message: what became of it, and what can be done."""
    return render(request, "members/post_item.html", {"row": _row(request, pk)})


@require_POST
def retry(request: UserRequest, pk: Any) -> HttpResponse:
    row = _row(request, pk)
    try:
        may_double = request.POST.get("doppelt") == "ja"
        mail = desk.retry(
            row.mail.pk, request.user.person_id, may_double=may_double, address=row.address_today
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        is_letter = mail.channel == mail.Channel.LETTER
        messages.success(
            request, "Wird ein Brief." if is_letter else "Wird noch einmal verschickt."
        )
    return redirect("members:post_item", pk)


@require_POST
def stop(request: UserRequest, pk: Any) -> HttpResponse:
    row = _row(request, pk)
    try:
        desk.stop(row.mail.pk, request.user.person_id)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Angehalten. Diese Nachricht geht nicht mehr hinaus.")
    return redirect("members:post_item", pk)


@require_GET
def addresses_page(request: UserRequest) -> HttpResponse:
    """Addresses we stopped writing to, with the way back."""
    require(policies.can_manage_mail(request.user))
    rows = query.paused_addresses(request.user)
    return render(request, "members/addresses.html", {"rows": rows})


@require_POST
def address_unpause(request: UserRequest, pk: Any) -> HttpResponse:
    require(policies.can_manage_mail(request.user))
    addresses.unpause(get_object_or_404(AddressTrouble, pk=pk), request.user.person_id)
    messages.success(request, "An diese Adresse geht wieder Post.")
    return redirect("members:addresses")


@require_GET
def upcoming(request: UserRequest, pk: Any) -> HttpResponse:
    """What this person gets in the next 30 days (R7)."""
    require(policies.can_manage_mail(request.user))
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    return render(
        request, "members/upcoming.html", {"person": person, "outlook": outlook(person.pk)}
    )
