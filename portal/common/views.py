"""The one page behind every signed link in a mail, and the answer to "do you work?"."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_http_methods, require_safe

from portal.common import health, links
from portal.common.errors import DomainError
from portal.common.scope import scope


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:link")
def signed_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST acts; a mail scanner that opens the link changes nothing."""
    try:
        action, subject = links.resolve(token)
    except links.LinkInvalid:
        return render(request, "common/link_invalid.html", status=404)
    question = action.describe(subject)
    if question is None:
        return render(request, "common/link_done.html", {"answer": "Hier ist nichts mehr offen."})
    if request.method == "POST":
        try:
            answer = action.act(subject)
        except DomainError as refusal:
            answer = str(refusal)
        return render(request, "common/link_done.html", {"answer": answer})
    return render(request, "common/link.html", {"question": question, "button": action.button})


@login_not_required
@require_safe
@xframe_options_deny
def healthz(request: HttpRequest) -> HttpResponse:
    """Strangers learn yes or no; whoever has the token learns what is wrong."""
    token = request.headers.get("X-Health-Token", "")
    if settings.HEALTH_TOKEN and constant_time_compare(token, settings.HEALTH_TOKEN):
        report = health.report()
        return JsonResponse(report, status=200 if report["ok"] else 503)
    if not health.is_ready():
        return HttpResponse("nicht bereit", content_type="text/plain; charset=utf-8", status=503)
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")
