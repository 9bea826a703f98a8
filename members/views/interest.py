"""„Ich will mitmachen“ for everybody: the form, the link from the mail, and the way back."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.forms.interest import InterestForm
from members.models import Interest
from members.services import interest as service
from members.services.reference import INTEREST
from portal.common import consents
from portal.common.errors import DomainError
from portal.common.scope import scope

HELD = (
    "Ihre Einwilligung ist zurückgenommen, und niemand ruft Sie mehr an. Ihre Angaben sind gerade "
    "gesperrt und werden gelöscht, sobald die Sperre aufgehoben ist."
)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:interest")
def interest(request: HttpRequest, code: str = "") -> HttpResponse:
    """The form; its answer is the same whatever becomes of it (T4)."""
    data = request.POST if request.method == "POST" else None
    form = InterestForm(data, has_card=bool(code))
    if request.method == "POST" and form.is_valid():
        service.ask(form.asked(code))
        return render(request, "members/interest_sent.html")
    return render(request, "members/interest_form.html", {"form": form, "has_card": bool(code)})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:interest")
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what may be done now, POST does it: confirm, ask for a new link, delete (T21)."""
    found = service.find(token)
    if found is None:
        return render(request, "members/interest_gone.html", status=404)
    if request.method == "POST":
        try:
            return _act(request, found, request.POST.get("tun", ""), token)
        except service.Gone:
            return render(request, "members/interest_gone.html", status=404)
    context = {
        "interest": found,
        "is_new": found.state == Interest.State.NEW,
        "is_over": found.state == Interest.State.NEW and found.link_is_over,
        "may_erase": found.state == Interest.State.CONFIRMED,
        "text": consents.current_text(INTEREST, found.language),
    }
    return render(request, "members/interest_confirm.html", context)


def _act(request: HttpRequest, found: Interest, verb: str, token: str) -> HttpResponse:
    if verb == "neu":
        service.ask_again(found)
        return render(request, "members/interest_sent.html")
    if verb == "loeschen":
        try:
            is_gone = service.erase(found, None)
        except service.Gone:
            raise
        except DomainError as refusal:
            return render(request, "members/interest_erased.html", {"refusal": str(refusal)})
        context = {} if is_gone else {"refusal": HELD}
        return render(request, "members/interest_erased.html", context)
    service.confirm(found)
    return redirect("members:interest_confirm", token)
