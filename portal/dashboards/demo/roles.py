"""Who a visitor of the demo can be."""

from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest

from members.http import sign_in as sign_in_user
from members.models import User


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    title: str
    sentence: str

    @property
    def email(self) -> str:
        return f"{self.code}@demo.example.org"


ROLES = (
    Role("ansprechperson", "Ansprechperson in Gehrden", "Wen rufe ich heute an?"),
    Role("neumitglied", "Neumitglied in Gehrden", "Wer meldet sich bei mir?"),
    Role("mentor", "Mentor:in", "Wen begleite ich?"),
    Role("geschaeftsstelle", "Geschäftsstelle", "Werden alle erreicht?"),
    Role("mentoring", "Mentoring-Koordination", "Wer passt zu wem?"),
    Role("vorsitz", "Vorsitz in Uetze", "Ein Ortsverein ohne Ansprechperson."),
    Role("datenschutz", "Datenschutz", "Wer hat was getan?"),
)


def sign_in(request: HttpRequest, code: str) -> bool:
    """Sign in as a role, as if password and authenticator app had been used."""
    role = next((role for role in ROLES if role.code == code), None)
    user = User.objects.filter(email=role.email).first() if role else None
    if user is None:
        return False
    sign_in_user(request, user, "password")
    if user.has_second_factor:
        record_authentication(request, user, method="mfa", type="totp")
    return True
