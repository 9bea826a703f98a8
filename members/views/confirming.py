"""„Bitte bestätige kurz, dass du es bist“: before an export, a release, one's own data."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from members import reauth
from members.forms.access import MailedCodeForm
from members.http import UserRequest

WRONG = "Dieser Code passt nicht oder ist abgelaufen. Du kannst dir einen neuen schicken lassen."


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: UserRequest) -> HttpResponse:
    """Send everybody to what they have: factor, password, or a code by mail."""
    page, way = reauth.next_page(request), reauth.known_way(request.user)
    if reauth.is_confirmed(request):
        return redirect(page)
    if settings.DEMO and request.method == "POST":
        reauth.confirm_in_demo(request)
        return redirect(page)
    if way and not settings.DEMO:
        return HttpResponseRedirect(f"{reverse(way)}?{urlencode({'next': page})}")
    return render(request, "members/confirm.html") if settings.DEMO else _by_code(request, page)


def _by_code(request: UserRequest, page: str) -> HttpResponse:
    """Whoever signs in by code confirms by code."""
    if request.method == "POST" and "code" not in request.POST:
        reauth.send_code(request)
        messages.success(request, f"Der Code ist unterwegs an {request.user.email}.")
        return redirect(request.get_full_path())
    form = MailedCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if reauth.take_code(request, form.cleaned_data["code"]):
            return redirect(page)
        form.add_error("code", WRONG)
    is_sent = reauth.waits_for_code(request)
    return render(request, "members/confirm.html", {"form": form, "is_sent": is_sent})
