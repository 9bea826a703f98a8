"""What the data-protection office sees: its home, and the *Protokoll* (T3, T30)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from members.http import UserRequest, require
from members.policies import can_read_audit
from members.queries import recertification
from portal.common import audit_chain, verwaltung
from portal.common.scope import scope
from portal.common.todos import todos_for
from portal.dashboards import audit_log as log
from portal.dashboards.queries import hub_cards

SHOWN_OFFICES = 20


@require_GET
def data_protection(request: UserRequest) -> HttpResponse:
    """Whoever watches over data protection: is the log whole, what is to do, where to look."""
    require(can_read_audit(request.user))
    missed = recertification.missed(request.user, "audit.read")
    context = {
        "chain": audit_chain.standing(),
        "cards": hub_cards(request.user)[verwaltung.DATA_PROTECTION],
        "todos": todos_for(request.user),
        "missed": missed[:SHOWN_OFFICES],
        "missed_count": missed.count(),
    }
    return render(request, "dashboards/data_protection.html", context)


@require_GET
@scope("system:audit")
def audit_log(request: UserRequest) -> HttpResponse:
    """Events newest first, narrowed by day, subject and office holder; never a value."""
    require(can_read_audit(request.user))
    names = log.holders()
    asked = bool(request.GET.keys() & log.FilterForm.base_fields.keys())
    form = log.FilterForm(request.GET if asked else None, holders=names)
    is_valid = asked and form.is_valid()
    page = log.page(log.found(form.cleaned_data if is_valid else {}), request.GET.get("page"))
    context = {
        "chain": audit_chain.standing(),
        "form": form,
        "is_narrowed": is_valid and any(form.cleaned_data.values()),
        "page": page,
        "entries": log.entries(list(page.object_list), names),
    }
    return render(request, "dashboards/audit_log.html", context)
