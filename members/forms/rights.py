"""What somebody wants to happen with their data, and what is answered."""

from typing import Any

from django import forms

from members.models import RightsRequest
from members.services.rights import Asked, Reply
from portal.common.forms import PortalFormMixin

Kind, Objection, Refusal = RightsRequest.Kind, RightsRequest.Objection, RightsRequest.Refusal
MOST_CHARS = 500
WHAT = {
    Kind.CORRECTION: "Was stimmt nicht, und wie ist es richtig?",
    Kind.OBJECTION: "Etwas anderes (freiwillig)",
    Kind.ERASURE: "Möchtest du etwas dazu sagen? (freiwillig)",
    Kind.RESTRICTION: "Was sollen wir vorerst nicht verwenden, und warum?",
}


def _text(label: str, *, required: bool) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MOST_CHARS,
        required=required,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Höchstens {MOST_CHARS} Zeichen.",
    )


def _objections(held: set[str]) -> forms.MultipleChoiceField:
    """What is stopped already is not asked again."""
    return forms.MultipleChoiceField(
        label="Was soll aufhören?",
        choices=[choice for choice in Objection.choices if choice[0] not in held],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class RequestForm(PortalFormMixin, forms.Form):
    """One kind of request, by the person."""

    def __init__(self, *args: Any, kind: str, held: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kind = kind
        if kind == Kind.OBJECTION:
            self.fields["objections"] = _objections(held)
        needed = kind in (Kind.CORRECTION, Kind.RESTRICTION)
        self.fields["text"] = _text(WHAT[Kind(kind)], required=needed)

    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(self._kind, data["text"].strip(), tuple(data.get("objections", ())))


class PhoneRequestForm(PortalFormMixin, forms.Form):
    """Any kind, as it was said on the phone."""

    kind = forms.ChoiceField(label="Worum geht es?", choices=Kind.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, held: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["objections"] = _objections(held)
        self.fields["objections"].help_text = "Nur bei einem Widerspruch. Es gilt sofort."
        self.fields["text"] = _text("Was wurde gesagt?", required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind, text = data.get("kind"), data.get("text", "").strip()
        if data.get("objections") and kind != Kind.OBJECTION:
            self.add_error("objections", "Das geht nur bei einem Widerspruch.")
        if kind in (Kind.CORRECTION, Kind.RESTRICTION) and not text:
            self.add_error("text", "Bitte schreib auf, worum es geht.")
        return data

    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(data["kind"], data["text"].strip(), tuple(data["objections"]))


class ReplyForm(PortalFormMixin, forms.Form):
    """Yes or no, in words the person reads; a no names its reason."""

    outcome = forms.ChoiceField(
        label="Ergebnis",
        choices=[("yes", "Erledigt, wie gewünscht"), ("no", "Das geht nicht")],
        widget=forms.RadioSelect,
    )
    refusal = forms.ChoiceField(
        label="Grund, wenn es nicht geht",
        choices=[("", "kein Grund nötig"), *Refusal.choices],
        required=False,
    )

    def __init__(self, *args: Any, first_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = _text(f"Deine Antwort an {first_name}", required=True)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("outcome") == "no" and not data.get("refusal"):
            self.add_error("refusal", "Bitte wähle, warum es nicht geht. Das steht in der Antwort.")
        return data

    def reply(self) -> Reply:
        data = self.cleaned_data
        refusal = data["refusal"] if data["outcome"] == "no" else ""
        return Reply(" ".join(data["text"].split()), refusal)


class ReasonForm(PortalFormMixin, forms.Form):
    """Why staff make somebody's file; the person reads it."""

    reason = forms.CharField(
        label="Wer hat wann darum gebeten?",
        max_length=200,
        help_text="Zum Beispiel: am Telefon am 3. Dezember. Die Person kann das lesen.",
    )
