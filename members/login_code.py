"""Login codes and reset keys: derived when needed, never stored in the outbox."""

import hashlib
import string
from uuid import UUID

from allauth.account.forms import default_token_generator
from django.utils.crypto import salted_hmac

from members.models import User

# Without letters and digits that look alike on a phone.
ALPHABET = "".join(c for c in string.ascii_uppercase + string.digits if c not in "0O1IL5S")
LENGTH = 8


def derive(mail_id: UUID) -> str:
    """Return the code that belongs to one outbox row: 8 signs, about 38 bits."""
    digest = salted_hmac("login-code", mail_id.hex, algorithm="sha256").digest()
    number = int.from_bytes(hashlib.sha256(digest).digest())
    code = ""
    for _ in range(LENGTH):
        number, index = divmod(number, len(ALPHABET))
        code += ALPHABET[index]
    return f"{code[:4]}-{code[4:]}"


def reset_key(user: User) -> str:
    """Return a password reset key; it dies with the password or the last login."""
    return default_token_generator.make_token(user)
