"""All URLs. German paths, English names. allauth's views are listed one by one: less to attack."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from members.views import factors
from members.views.accounts import invitation_needed
from portal.common.scope import scope

# Nobody is signed in yet: these pages look up the login behind an address or a passkey.
signing_in = scope("system:login")

konto = [
    path("anmelden/", signing_in(account.login), name="account_login"),
    path(
        "anmelden/code/", signing_in(account.request_login_code), name="account_request_login_code"
    ),
    path(
        "anmelden/code/eingeben/",
        signing_in(account.confirm_login_code),
        name="account_confirm_login_code",
    ),
    path("abmelden/", account.logout, name="account_logout"),
    path("einladung-noetig/", invitation_needed, name="account_signup"),
    path("gesperrt/", account.account_inactive, name="account_inactive"),
    path("bestaetigen/", account.reauthenticate, name="account_reauthenticate"),
    path("passwort/", account.password_change, name="account_change_password"),
    path("passwort/setzen/", account.password_set, name="account_set_password"),
    path("passwort/vergessen/", signing_in(account.password_reset), name="account_reset_password"),
    path(
        "passwort/vergessen/verschickt/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^passwort/neu/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        signing_in(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "passwort/neu/fertig/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("zweiter-faktor/", mfa.index, name="mfa_index"),
    path("zweiter-faktor/eingeben/", signing_in(mfa.authenticate), name="mfa_authenticate"),
    path("zweiter-faktor/bestaetigen/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "zweiter-faktor/bestaetigen/passkey/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("zweiter-faktor/waehlen/", factors.choose, name="mfa_choose"),
    path("zweiter-faktor/einrichten/", factors.ActivateApp.as_view(), name="mfa_activate_totp"),
    path("zweiter-faktor/passkey/", factors.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("anmelden/passkey/", signing_in(webauthn.login_webauthn), name="mfa_login_webauthn"),
    # allauth sends whoever has the app already to this name; taking it off is a phone call (R27).
    path(
        "zweiter-faktor/fertig/",
        RedirectView.as_view(pattern_name="mfa_index"),
        name="mfa_deactivate_totp",
    ),
    path("zweiter-faktor/notfallcodes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "zweiter-faktor/notfallcodes/neu/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
]

urlpatterns = [
    path("", include("portal.dashboards.urls")),
    path("", include("portal.common.urls")),
    path("", include("members.urls")),
    path("", include("events.urls")),
    path("konto/", include(konto)),
]

handler400 = "portal.dashboards.errors.bad_request"
handler403 = "portal.dashboards.errors.forbidden"
handler404 = "portal.dashboards.errors.not_found"
handler500 = "portal.dashboards.errors.server_error"
