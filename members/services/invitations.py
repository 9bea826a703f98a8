"""Invite somebody to a login, and turn the invitation into one."""

from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from members.models import Invitation, Person, User
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import services as outbox

LIVES = timedelta(days=30)
INVITATION = "members.invitation"
_signer = signing.Signer(salt="invitation")


class InvitationInvalid(DomainError):
    """Forged, damaged or used; the page says the same in every case."""


class AddressTaken(DomainError):
    """Two people share a mail address; only one of them can sign in with it."""


@transaction.atomic
def ensure_invitation(person: Person) -> Invitation:
    """Return the open invitation of a person, or make one; asking twice gives the same."""
    now = clock.now()
    invitation = person.invitations.filter(accepted_at=None, expires_at__gt=now).first()
    return invitation or Invitation.objects.create(
        person=person, created_at=now, expires_at=now + LIVES
    )


def token(invitation: Invitation) -> str:
    """Return the secret of the link, derived from the row so that it is never stored."""
    return _signer.sign(f"{invitation.pk.hex}-{_address_mark(invitation.person)}")


def _address_mark(person: Person, secret: str | None = None) -> str:
    """A corrected address makes the link useless that went to the wrong one."""
    address = person.email.lower()
    return salted_hmac("invitation", address, secret, algorithm="sha256").hexdigest()[:16]


def _is_for(person: Person, mark: str) -> bool:
    """Links made before the secret key was changed live on while the old key is a fallback."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return mark in {_address_mark(person, secret) for secret in secrets}


def url(invitation: Invitation) -> str:
    return settings.BASE_URL + reverse("members:invitation", args=[token(invitation)])


def find(given: str) -> Invitation:
    """Return the invitation behind a link, expired or not; raises InvitationInvalid."""
    try:
        pk, _, mark = _signer.unsign(given).partition("-")
        found = Invitation.objects.select_related("person").get(pk=UUID(hex=pk), accepted_at=None)
    except (signing.BadSignature, ValueError, Invitation.DoesNotExist) as error:
        raise InvitationInvalid("Diese Einladung gilt nicht mehr.") from error
    if not _is_for(found.person, mark) or has_left(found.person):
        raise InvitationInvalid("Diese Einladung gilt nicht mehr.")
    return found


def has_left(person: Person) -> bool:
    """Was a member and is none any more."""
    ended = list(person.memberships.values_list("has_ended", flat=True))
    return bool(ended) and all(ended)


def has_expired(invitation: Invitation) -> bool:
    return invitation.expires_at <= clock.now()


@transaction.atomic
def accept(invitation: Invitation, password: str) -> User:
    """Create the login; raises AddressTaken or InvitationInvalid."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    person = invitation.person
    if invitation.accepted_at or has_expired(invitation) or not person.email:
        raise InvitationInvalid("Diese Einladung gilt nicht mehr.")
    try:
        with transaction.atomic():
            user = User.objects.create_user(person.email, password, person)
    except IntegrityError as error:
        raise AddressTaken(
            "Mit dieser Adresse meldet sich schon jemand an. Bitte ruf uns an, "
            "dann richten wir deinen Zugang mit einer anderen Adresse ein."
        ) from error
    # The link came to this address: that is the proof allauth would ask for.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    person.invitations.filter(accepted_at=None).update(accepted_at=clock.now())
    audit.record("invitation.accepted", person.pk, invitation, ["accepted_at"])
    return user


@transaction.atomic
def send_again(invitation: Invitation) -> None:
    """Send a fresh link to the address on file; at most one a day."""
    person = invitation.person
    if not person.email or User.objects.filter(person=person).exists():
        return
    fresh = ensure_invitation(person)
    outbox.queue(
        outbox.Draft(
            kind=INVITATION,
            recipient_key=person.pk,
            address=person.email,
            dedupe_key=f"{INVITATION}:{fresh.pk}:{clock.today():%Y%m%d}",
            ids={"invitation": str(fresh.pk)},
            expires_at=fresh.expires_at,
        )
    )
