"""What every form has in common."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

EMPTY = "Bitte ausfüllen."
CHOOSE = "Bitte wählen"
DJANGO_CHOOSES = "---------"


class DayInput(forms.DateInput):
    """The browser's own date field; it understands one format only."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PortalFormMixin:
    """Every form: the partial owns <form> and buttons, crispy only renders the fields."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == DJANGO_CHOOSES:
                field.empty_label = CHOOSE
            elif isinstance(field, forms.TypedChoiceField):
                choices: Any = field.choices
                field.choices = [
                    (value, CHOOSE if label == DJANGO_CHOOSES else label)
                    for value, label in choices
                ]

    def full_clean(self) -> None:
        """Late enough for the fields a form adds to itself."""
        usual = forms.Field.default_error_messages["required"]
        for field in self.fields.values():
            # A field that says it better keeps its own sentence.
            if field.error_messages.get("required") == usual:
                field.error_messages["required"] = EMPTY
        super().full_clean()  # type: ignore[misc]

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper
