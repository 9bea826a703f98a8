"""What every form has in common."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

EMPTY = "Bitte ausfüllen."


class DayInput(forms.DateInput):
    """The browser's own date field; it understands one format only."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PortalFormMixin:
    """Every form: the partial owns <form> and buttons, crispy only renders the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = forms.Field.default_error_messages["required"]
        for field in getattr(self, "fields", {}).values():
            # A field that says it better keeps its own sentence.
            if field.error_messages.get("required") == usual:
                field.error_messages["required"] = EMPTY

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper
