"""The second factor: an app or a passkey, one of them recommended, none taken off by accident."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_GET

from members.http import UserRequest
from members.models import User

METHODS = ["get", "head", "post"]


def passkeys_work_here(request: HttpRequest) -> bool:
    """A browser makes a passkey only on the host it belongs to."""
    host = request.get_host().partition(":")[0]
    return host == settings.PASSKEY_HOST or host.endswith(f".{settings.PASSKEY_HOST}")


def passkey_address(request: HttpRequest) -> str:
    """Where this page would have to be opened for a passkey."""
    _, colon, port = request.get_host().partition(":")
    return f"{request.scheme}://{settings.PASSKEY_HOST}{colon}{port}"


@require_GET
def choose(request: UserRequest) -> HttpResponse:
    """Both ways to a second factor, the easier one first."""
    context = {"passkeys_work": passkeys_work_here(request), "has": request.user.second_factors}
    return render(request, "mfa/choose.html", context)


class ActivateApp(ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        """The code just entered is the proof this session needs."""
        response = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="totp")
        return response


class AddPasskey(AddWebAuthnView):
    template_name = "mfa/webauthn/add_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super(AddWebAuthnView, self).get_context_data(**kwargs)
        options = webauthn.begin_registration(self.request.user, passwordless=True)
        return context | {
            "options": options,
            "passkeys_work": passkeys_work_here(self.request),
            "address": passkey_address(self.request),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="webauthn")
        return response


class RenamePasskey(EditWebAuthnView):
    http_method_names = METHODS
    template_name = "mfa/webauthn/edit_form.html"
    success_url = reverse_lazy("mfa_index")


class RemovePasskey(RemoveWebAuthnView):
    """Only while another factor remains; the last one is taken off by telephone (R27)."""

    http_method_names = METHODS
    template_name = "mfa/webauthn/authenticator_confirm_delete.html"
    success_url = reverse_lazy("mfa_index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_last": self._is_last()}

    def form_valid(self, form: Any) -> HttpResponse:
        # Two removals at once would each take the other one for the factor that remains.
        User.objects.select_for_update(of=("self",)).get(pk=self.request.user.pk)
        if self._is_last():
            messages.error(self.request, "Das ist dein einziger zweiter Faktor. Er bleibt.")
            return redirect("mfa_index")
        return super().form_valid(form)

    def _is_last(self) -> bool:
        factors = Authenticator.objects.filter(user=self.request.user)
        others = factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exclude(pk=self.object.pk)
        return not others.exists()
