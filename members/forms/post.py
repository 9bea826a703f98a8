"""Letters, texts, and what was said on the phone."""

from typing import Any

from django import forms

from members.forms.fields import PlzField
from members.models import Person
from portal.common import clock
from portal.common.forms import DayInput, PortalFormMixin
from portal.common.outbox import texts
from portal.common.outbox.page_texts import PageText
from portal.common.outbox.texts import HasText
from portal.common.outbox.wording import MOST_BODY, MOST_SUBJECT, Wording


class TickForm(PortalFormMixin, forms.Form):
    on = forms.DateField(
        label="Zur Post gebracht am",
        widget=DayInput(),
        error_messages={"invalid": "Bitte ein Datum wie 24.12.2026."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"on": clock.today()})
        super().__init__(*args, **kwargs)


class AddressForm(PortalFormMixin, forms.ModelForm):
    plz = PlzField()

    class Meta:
        model = Person
        fields = ("street", "plz", "city")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True


class TextForm(PortalFormMixin, forms.Form):
    subject = forms.CharField(label="Betreff", max_length=MOST_SUBJECT)
    body = forms.CharField(
        label="Text", max_length=MOST_BODY, widget=forms.Textarea(attrs={"rows": 22})
    )

    def __init__(self, *args: Any, kind: HasText, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kind, self._channel = kind, channel
        if channel == texts.LETTER or isinstance(kind, PageText):
            self.fields["subject"].label = "Überschrift"

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if not self.errors:
            try:
                texts.check(self._kind, self._channel, self.wording())
            except texts.TextRefused as refusal:
                raise forms.ValidationError(refusal.reasons) from refusal
        return data

    def wording(self) -> Wording:
        # A browser sends \r\n; a text has \n.
        body = "\n".join(self.cleaned_data["body"].splitlines())
        return Wording(self.cleaned_data["subject"].strip(), body)


class LanguageForm(PortalFormMixin, forms.Form):
    name = forms.CharField(
        label="Wie heißt die Sprache?", max_length=40, help_text="In der Sprache selbst: Türkçe"
    )
    code = forms.RegexField(
        regex=r"^[a-z]{2,3}$",
        label="Kürzel",
        help_text="Zwei oder drei kleine Buchstaben, zum Beispiel tr, uk oder fa.",
        error_messages={"invalid": "Bitte zwei oder drei kleine Buchstaben, zum Beispiel tr."},
    )
