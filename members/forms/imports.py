"""Confirm a checked file, settle what stayed open."""

from typing import Any

from django import forms

from members.models import District, Gliederung
from members.services.imports import MANY_MESSAGES
from portal.common.forms import PortalFormMixin


class ConfirmImportForm(PortalFormMixin, forms.Form):
    """Many mails need a second yes (R4)."""

    many = forms.BooleanField(
        error_messages={"required": "Bitte bestätige, dass so viele Nachrichten verschickt werden."}
    )

    def __init__(self, *args: Any, messages: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["many"].label = f"Ja, {messages} Nachrichten sollen verschickt werden"
        if messages <= MANY_MESSAGES:
            del self.fields["many"]


class GliederungForm(PortalFormMixin, forms.Form):
    gliederung = forms.ModelChoiceField(
        label="Gliederung", queryset=Gliederung.objects.none(), empty_label="Bitte wählen"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Gliederung.objects.open().subtree(District.current().gliederung)
        self.fields["gliederung"].queryset = (  # type: ignore[attr-defined]  # ModelChoiceField
            found.filter(level__takes_members=True).select_related("level").order_by("name")
        )
