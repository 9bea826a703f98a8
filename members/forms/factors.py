"""Second factors: codes and passkeys. What a browser sends is a stranger's text until checked."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.validators import MaxLengthValidator

from portal.common.forms import PortalFormMixin

# What the library raises over a credential that is JSON and nothing more.
MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError)
LONGEST = 20_000
REFUSED = "Der Passkey wurde nicht angenommen. Bitte versuch es noch einmal."


class CredentialField(forms.JSONField):
    """JSON of a sensible size; a deeply nested one would break the parser itself."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST:
            raise forms.ValidationError(REFUSED)
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise forms.ValidationError(REFUSED) from error


class _CredentialMixin:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField()  # type: ignore[attr-defined]


class CheckedCredentialMixin(_CredentialMixin):
    """Turns whatever is wrong with a credential into one sentence."""

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        if not isinstance(self.cleaned_data["credential"], dict):
            raise forms.ValidationError(REFUSED)
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except (forms.ValidationError, *MALFORMED) as error:
            raise forms.ValidationError(REFUSED) from error
        return found


class FactorForm(PortalFormMixin, base.AuthenticateForm):
    pass


class FactorAgainForm(PortalFormMixin, base.ReauthenticateForm):
    pass


class AppForm(PortalFormMixin, totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code aus der App"

    @property
    def grouped_secret(self) -> str:
        """The key as somebody types it: four signs at a time."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


class PasskeyForm(CheckedCredentialMixin, PortalFormMixin, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(
    CheckedCredentialMixin, PortalFormMixin, webauthn.ReauthenticateWebAuthnForm
):
    pass


class PasskeyLoginForm(CheckedCredentialMixin, PortalFormMixin, webauthn.LoginWebAuthnForm):
    pass


class _NamedMixin(PortalFormMixin):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label = "Name"
        name.validators.append(MaxLengthValidator(60))
        name.help_text = "Damit du deine Passkeys auseinanderhältst, zum Beispiel „Mein Handy“."


class AddPasskeyForm(_CredentialMixin, _NamedMixin, webauthn._BaseAddWebAuthnForm):
    """Each passkey can do both: be the second factor, and sign in on its own."""

    def clean(self) -> dict[str, Any]:
        if not isinstance(self.cleaned_data.get("credential"), dict):
            raise forms.ValidationError(REFUSED)
        try:
            cleaned: dict[str, Any] = super().clean()
        except (forms.ValidationError, *MALFORMED) as error:
            raise forms.ValidationError(REFUSED) from error
        return cleaned


class RenamePasskeyForm(_NamedMixin, webauthn.EditWebAuthnForm):
    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).strip() or get_adapter().generate_authenticator_name(
            self.instance.user, Authenticator.Type.WEBAUTHN
        )
