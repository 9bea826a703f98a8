"""What is entered about a Parteibuch."""

from typing import Any

from django import forms

from members.models import Milestone
from portal.common.forms import PortalFormMixin

GONE = "Die Liste hat sich gerade geändert. Bitte sieh nach und versuch es noch einmal."


class HandOverForm(PortalFormMixin, forms.Form):
    occasion = forms.CharField(
        label="Anlass",
        max_length=80,
        required=False,
        error_messages={"max_length": "Der Anlass darf höchstens 80 Zeichen haben."},
    )


class OrderForm(PortalFormMixin, forms.Form):
    """Those ticked on the page; one that somebody else has ordered meanwhile is told."""

    milestones = forms.ModelMultipleChoiceField(queryset=Milestone._base_manager.none())

    def __init__(self, *args: Any, milestones: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["milestones"]
        field.queryset = milestones

    def refusal(self) -> str:
        return GONE if "milestones" in self.data else "Bitte kreuze an, was bestellt ist."
