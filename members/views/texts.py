"""„Texte“: the words of every mail and letter, per language, without a developer (R10)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from members import policies
from members.forms.post import LanguageForm, TextForm
from members.http import UserRequest, require
from portal.common.errors import DomainError
from portal.common.models import Language, MailText
from portal.common.outbox import kinds, page_texts, texts
from portal.common.outbox import render as rendering
from portal.common.outbox.kinds import MailKind
from portal.common.outbox.page_texts import PageText

SHIPPED = "Text, der mit dem Portal kam"


@dataclass(frozen=True, slots=True)
class Slot:
    """One text that can be written: a kind's mail or letter in one language."""

    kind: MailKind | PageText
    channel: str
    language: Language
    state: str  # "eigener Text", SHIPPED, "wie einfaches Deutsch"


def _channels(kind: MailKind | PageText) -> list[str]:
    """Login mails are never letters, and pages are on the screen."""
    only_one = isinstance(kind, PageText) or kinds.is_login(kind.code)
    return [texts.MAIL] if only_one else [texts.MAIL, texts.LETTER]


@require_GET
def texts_page(request: UserRequest) -> HttpResponse:
    """All kinds, each with its languages and what is written there."""
    require(policies.can_manage_mail(request.user))
    written = set(MailText.objects.values_list("kind", "channel", "language"))
    every = list(Language.objects.all())
    both: tuple[MailKind | PageText, ...] = (*page_texts.all_pages(), *kinds.all_kinds())
    groups = [
        (kind, channel, [_slot(kind, channel, language, written) for language in every])
        for kind in both
        if kind.placeholders
        for channel in _channels(kind)
    ]
    context = {"groups": groups, "languages": every, "letter": texts.LETTER}
    return render(request, "members/texts.html", context)


def _slot(kind: MailKind | PageText, channel: str, language: Language, written: set[Any]) -> Slot:
    if (kind.code, channel, language.code) in written:
        state = "eigener Text"
    else:
        state = SHIPPED if texts.shipped(kind, channel, language.code) else "wie einfaches Deutsch"
    return Slot(kind, channel, language, state)


def _get(request: UserRequest, kind: str, channel: str, language: str) -> Slot:
    require(policies.can_manage_mail(request.user))
    found: MailKind | PageText | None = kinds.find(kind) or page_texts.find(kind)
    spoken = Language.objects.filter(code=language).first()
    if found is None or spoken is None or channel not in _channels(found):
        raise Http404
    written = set(MailText.objects.filter(kind=kind).values_list("kind", "channel", "language"))
    return _slot(found, channel, spoken, written)


@require_http_methods(["GET", "POST"])
def text(request: UserRequest, kind: str, channel: str, language: str) -> HttpResponse:
    """Edit one text; „Vorschau“ shows it to an invented person without saving."""
    slot = _get(request, kind, channel, language)
    start = texts.find(slot.kind, channel, language)
    initial = {"subject": start.wording.subject, "body": start.wording.body}
    form = TextForm(request.POST or None, initial=initial, kind=slot.kind, channel=channel)
    preview = start.wording
    if request.method == "POST" and form.is_valid():
        preview = form.wording()
        if "speichern" in request.POST:
            texts.save(slot.kind, channel, language, preview, request.user.person_id)
            messages.success(request, "Gespeichert. Ab jetzt wird dieser Text verschickt.")
            return redirect("members:text", kind, channel, language)
    samples = texts.samples(slot.kind, letter=channel == texts.LETTER)
    context = {
        "slot": slot,
        "form": form,
        "borrowed": start.language if start.language != language else "",
        # With a wrong text there is nothing to show but the one that still holds.
        "is_last_good": bool(form.errors),
        "preview": rendering.filled(slot.kind, preview, samples),
        "is_letter": channel == texts.LETTER,
        "placeholders": [
            placeholder
            for placeholder in slot.kind.placeholders
            if channel == texts.MAIL or not placeholder.is_link
        ],
    }
    return render(request, "members/text.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def text_reset(request: UserRequest, kind: str, channel: str, language: str) -> HttpResponse:
    """Back to the text that came with the portal; asks first, as the own text is gone then."""
    slot = _get(request, kind, channel, language)
    if request.method != "POST":
        own = MailText.objects.filter(kind=kind, channel=channel, language=language).first()
        context = {"slot": slot, "own": own, "is_letter": channel == texts.LETTER}
        return render(request, "members/text_reset.html", context)
    texts.reset(slot.kind, channel, language, request.user.person_id)
    messages.success(
        request, "Zurückgesetzt. Ab jetzt gilt wieder der Text, der mit dem Portal kam."
    )
    return redirect("members:text", kind, channel, language)


@require_http_methods(["GET", "POST"])
def language_new(request: UserRequest) -> HttpResponse:
    """Add a language; until its texts are written, its readers get easy German."""
    require(policies.can_manage_mail(request.user))
    form = LanguageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            texts.add_language(data["code"], data["name"], request.user.person_id)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{data['name']} ist dabei. Schreib jetzt die Texte dafür.")
            return redirect("members:texts")
    return render(request, "members/language_new.html", {"form": form})
