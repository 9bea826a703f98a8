"""Questions as form fields: the same on the own page and on „telefonisch für …“."""

from collections.abc import Iterable
from typing import Any

from django import forms

from members.services.answers import Asked
from portal.common.forms import PortalFormMixin


def _field(asked: Asked, label: str, most_open: int) -> forms.Field:
    answer = asked.answer
    help_text = f"Bitte zuerst vorlesen: „{asked.read_out}“" if asked.read_out else answer.hint
    common: dict[str, Any] = {"label": label, "initial": asked.current, "help_text": help_text}
    if answer.most_chars:
        return forms.CharField(max_length=answer.most_chars, required=False, **common)
    if answer.many:
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(
            choices=asked.choices, required=False, widget=widget, **common
        )
    return forms.ChoiceField(
        choices=asked.choices,
        # Where „noch offen“ is an answer, nothing has to be said.
        required="" not in dict(asked.choices),
        widget=forms.RadioSelect if len(asked.choices) <= most_open else forms.Select,
        **common,
    )


class AnswersForm(PortalFormMixin, forms.Form):
    """One field per question a person answers alone; what already holds is ticked."""

    most_open = 20

    def __init__(self, *args: Any, asked: Iterable[Asked], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for entry in asked:
            if not entry.answer.phone_page:  # the person's own page is another one as well
                self.fields[entry.answer.code] = _field(entry, self.label_of(entry), self.most_open)

    def label_of(self, entry: Asked) -> str:
        return entry.answer.own_label or entry.answer.label


class PhoneForm(AnswersForm):
    """The same about somebody else: short answers stand open, a long list folds."""

    most_open = 3

    def label_of(self, entry: Asked) -> str:
        return entry.answer.label
