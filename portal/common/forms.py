"""What every form has in common."""

from crispy_forms.helper import FormHelper


class PortalFormMixin:
    """Every form: the partial owns <form> and buttons, crispy only renders the fields."""

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper
