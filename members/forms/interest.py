"""„Ich will mitmachen“, for people who are not members: addressed with Sie, and plainly."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from members.forms.fields import PhoneField, PlzField
from members.imports import rules
from members.models import Interest, Membership, Topic
from members.services.interest import Asked
from members.services.reference import INTEREST
from portal.common import clock, consents
from portal.common.forms import DayInput, PortalFormMixin
from portal.common.outbox import languages

Doubt = Interest.Doubt
# What somebody who wants to send a link to strangers writes into a name.
_LINK = re.compile(r"://|www\.|[@<>]|[\w-]{2,}\.[a-z]{2,}", re.IGNORECASE)
_signer = signing.Signer(salt="interest-form")
PAGE_LIVES = 24 * 3600
REQUIRED_CONSENT = "Ohne Ihr Einverständnis dürfen wir nichts speichern. Rufen Sie uns gern an."


class TrapInput(forms.TextInput):
    """A field that people neither see nor hear nor reach; programs fill it in."""

    is_hidden = True

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return render_to_string("members/_trap.html", {"name": name})


class InterestForm(PortalFormMixin, forms.Form):
    given_name = forms.CharField(
        label="Vorname",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label="Nachname",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        label="E-Mail",
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Das ist keine E-Mail-Adresse. Bitte prüfen Sie sie."},
    )
    plz = PlzField(
        help_text="Damit sich jemand aus Ihrem Ort meldet.",
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    phone = PhoneField(
        label="Telefon, wenn Sie lieber angerufen werden",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    topics = forms.ModelMultipleChoiceField(
        label="Was interessiert Sie?",
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    language = forms.ChoiceField(label="In welcher Sprache sollen wir schreiben?")
    agreed = forms.BooleanField(error_messages={"required": REQUIRED_CONSENT})
    tell_inviter = forms.BooleanField(
        label="Wer mir die Karte gegeben hat, darf wissen, dass ich mich gemeldet habe",
        required=False,
    )
    website = forms.CharField(required=False, widget=TrapInput)
    began = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, has_card: bool, **kwargs: Any) -> None:
        began = _signer.sign(str(int(clock.now().timestamp())))
        kwargs.setdefault("initial", {"began": began})
        super().__init__(*args, **kwargs)
        offered = Topic.objects.filter(is_offered=True).order_by("position")
        self.fields["topics"].queryset = offered  # type: ignore[attr-defined]  # ModelMultipleChoiceField
        self.fields["language"].choices = languages.choices()  # type: ignore[attr-defined]  # ChoiceField
        self.fields["agreed"].label = consents.current_text(INTEREST, languages.GERMAN).text
        if not has_card:
            del self.fields["tell_inviter"]

    def clean_given_name(self) -> str:
        return self._plain("given_name")

    def clean_family_name(self) -> str:
        return self._plain("family_name")

    def clean_email(self) -> str:
        """Nothing that would say more than an address in the `mailto:` link of a volunteer."""
        email: str = self.cleaned_data["email"]
        if set(email) & set("?&%"):
            raise forms.ValidationError(self.fields["email"].error_messages["invalid"])
        return email

    def _plain(self, name: str) -> str:
        """One line of visible letters, by the same rules as a row of the export."""
        text, sentence = rules.plain_name(self.cleaned_data[name])
        if sentence:
            raise forms.ValidationError(sentence)
        return text

    def asked(self, card: str = "") -> Asked:
        data = self.cleaned_data
        return Asked(
            given_name=data["given_name"],
            family_name=data["family_name"],
            email=data["email"],
            phone=data["phone"],
            plz=data["plz"],
            language=data["language"],
            topics=data["topics"],
            card=card,
            tell_inviter=bool(data.get("tell_inviter")),
            doubt=self._doubt(),
        )

    def _doubt(self) -> str:
        data = self.cleaned_data
        if data["website"]:
            return Doubt.TRAP
        if _LINK.search(f"{data['given_name']} {data['family_name']}"):
            return Doubt.LINK
        return Doubt.NONE if self._took_time(data["began"]) else Doubt.FAST

    @staticmethod
    def _took_time(began: str) -> bool:
        try:
            seconds = clock.now().timestamp() - int(_signer.unsign(began))
        except (signing.BadSignature, ValueError):
            return False
        return settings.INTEREST_MIN_SECONDS <= seconds <= PAGE_LIVES


class ApplicationForm(PortalFormMixin, forms.Form):
    """All that is missing to make an application of somebody whom we know already."""

    applied_on = forms.DateField(label="Antrag vom", widget=DayInput())
    kind = forms.ChoiceField(label="Mitgliedsart", choices=Membership.Kind.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"applied_on": clock.today()})
        super().__init__(*args, **kwargs)


class AdmissionForm(PortalFormMixin, forms.Form):
    day = forms.DateField(label="Mitglied seit", widget=DayInput())
