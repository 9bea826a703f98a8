"""How much a shared fact counts when mentors are proposed."""

from dataclasses import asdict
from typing import Any

from django import forms

from members.labels import WEIGHTS
from members.matching import Weights
from portal.common.forms import PortalFormMixin

MOST = 100


def as_fields(weights: Weights) -> dict[str, int]:
    """One number per field; the first place of a mentor takes nothing off."""
    values = asdict(weights)
    _, second, third = values.pop("load")
    return values | {"second": second, "third": third}


class WeightsForm(PortalFormMixin, forms.Form):
    def __init__(self, *args: Any, weights: Weights, **kwargs: Any) -> None:
        super().__init__(*args, initial=as_fields(weights), **kwargs)
        for name, label in WEIGHTS.items():
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=MOST)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        second, third = values.get("second"), values.get("third")
        if second is not None and third is not None and third < second:
            self.add_error(
                "third", "Der dritte Platz muss mindestens so viel kosten wie der zweite."
            )
        return values

    @property
    def weights(self) -> Weights:
        values = dict(self.cleaned_data)
        return Weights(load=(0, values.pop("second"), values.pop("third")), **values)
