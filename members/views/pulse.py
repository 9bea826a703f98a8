"""„Bist du angekommen?“: the page behind the four links, and behind *Mein Start*."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.forms.pulse import NO, YES, PulseForm
from members.models import Pulse
from members.pulse_words import pulse_words
from members.queries import pulse as query
from members.services import pulse as service
from portal.common.errors import DomainError
from portal.common.scope import scope


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:pulse")
def pulse(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows, POST stores; whoever has the link answers for the person, so it names nobody."""
    try:
        found, suggested = service.read_link(token)
    except (BadSignature, ValueError):
        return render(request, "common/link_invalid.html", status=404)
    if found is None or not query.is_open(found):
        return render(request, "common/link_done.html", {"answer": service.TOO_LATE})
    if request.method == "POST":
        form = PulseForm(request.POST)
        if form.is_valid():
            _act(found, form)
            if form.cleaned_data["told"] == NO:
                messages.success(request, pulse_words(found.onboarding.person.language).untold)
            return redirect(request.path)
    words = pulse_words(found.onboarding.person.language)
    context = {
        "pulse": found,
        "words": words,
        "said": words.answers.get(found.answer, ""),
        "suggested": suggested,
        "others": [(code, label) for code, label in words.answers.items() if code != found.answer],
        "may_ask": found.answer in query.NEGATIVE,
    }
    return render(request, "members/pulse.html", context)


def _act(pulse: Pulse, form: PulseForm) -> None:
    try:
        if form.cleaned_data["answer"]:
            service.answer(pulse.pk, form.cleaned_data["answer"])
        elif form.cleaned_data["told"]:
            service.tell(pulse.pk, may=form.cleaned_data["told"] == YES)
    except DomainError:
        return  # closed meanwhile: the page itself says what holds now
