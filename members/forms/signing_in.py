"""allauth's forms in our look; those that take an address do the same work for each (T4)."""

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from django.http import HttpRequest

from members.models import User
from members.services import signing_in
from portal.common.forms import PortalFormMixin


class LoginForm(PortalFormMixin, account.LoginForm):
    pass


class CodeRequestForm(PortalFormMixin, account.RequestLoginCodeForm):
    _user: User | None = None

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self._user = signing_in.find(email)
        # allauth hands the adapter an address only; the adapter writes the row for a user.
        context.request._login_user = self._user
        if self._user is None:
            signing_in.queue_for(None, signing_in.CODE)
        return email


class CodeForm(PortalFormMixin, account.ConfirmLoginCodeForm):
    pass


class ResetForm(PortalFormMixin, account.ResetPasswordForm):
    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Queue the mail; its link is made when it leaves."""
        email: str = self.cleaned_data["email"]
        signing_in.queue_for(signing_in.find(email), signing_in.RESET)
        return email


class _OwnRulesMixin(PortalFormMixin):
    """The page says what a password needs, in one sentence."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = ""


class NewPasswordForm(_OwnRulesMixin, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(_OwnRulesMixin, account.ChangePasswordForm):
    pass


class SetPasswordForm(_OwnRulesMixin, account.SetPasswordForm):
    pass


class AgainForm(PortalFormMixin, account.ReauthenticateForm):
    pass
