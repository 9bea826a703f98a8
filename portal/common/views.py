"""The one page behind every signed link in a mail."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portal.common import links
from portal.common.errors import DomainError


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
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
