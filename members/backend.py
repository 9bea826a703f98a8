"""Password login that costs the same whether or not there is such a login (T4)."""

from allauth.account.auth_backends import AuthenticationBackend

from members.models import User
from members.services import signing_in


class AccountBackend(AuthenticationBackend):
    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        """One query either way; where nobody is found, allauth hashes the password once."""
        found: User | None = self._check_password(signing_in.find(email, is_active=None), password)
        return found
