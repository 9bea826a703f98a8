"""Invite somebody to a login, and turn the invitation into one."""

from datetime import timedelta
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import OuterRef
from django.urls import reverse
from django.utils.crypto import salted_hmac

from members.models import Invitation, Membership, Person, User
from members.models.people import former_member
from members.services import sessions, signing_in
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail

LIVES = timedelta(days=30)
# A mail that could not leave for so long is not missed any more.
WAITS = timedelta(days=7)
INVITATION = "members.invitation"
REVOKED = "Einladung zurückgezogen"
LOGIN_HINT = "account.login_hint"
_signer = signing.Signer(salt="invitation")


class InvitationInvalid(DomainError):
    """Forged, damaged or used; the page says the same in every case."""


class NotInvitable(DomainError):
    """Nothing to invite to, nowhere to send it, or not again today."""


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
    if found.revoked_at or not _is_for(found.person, mark) or has_left(found.person):
        raise InvitationInvalid("Diese Einladung gilt nicht mehr.")
    return found


def has_left(person: Person) -> bool:
    return Person.objects.filter(former_member(OuterRef("pk")), pk=person.pk).exists()


def has_expired(invitation: Invitation) -> bool:
    return invitation.expires_at <= clock.now()


@transaction.atomic
def accept(invitation: Invitation, password: str) -> User:
    """Create the login; raises AddressTaken or InvitationInvalid."""
    # The person first, like an import that is being taken back; otherwise each waits for the other.
    people = Person.objects.select_for_update(of=("self",)).filter(pk=invitation.person_id)
    person = people.first()
    open_ones = Invitation.objects.select_for_update(of=("self",)).filter(accepted_at=None)
    found = open_ones.filter(pk=invitation.pk).first()
    if person is None or found is None or has_expired(found) or not person.email:
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
    audit.record("invitation.accepted", person.pk, found, ["accepted_at"])
    return user


def ask_again(given: str) -> None:
    """Answer "Neuen Link schicken" of an old link: the same work for each link (T4).

    The invitation itself is made when the mail leaves.
    """
    try:
        pk, _, mark = _signer.unsign(given).partition("-")
        wanted = UUID(hex=pk)
    except (signing.BadSignature, ValueError):
        wanted, mark = uuid4(), ""
    invited = Invitation.objects.select_related("person__user").filter(revoked_at=None)
    found = invited.filter(pk=wanted).first()
    person = found.person if found else None
    known = person is not None and _is_for(person, mark)
    left = has_left(person or Person(pk=uuid4()))
    send_to(person if known and not left else None, given)


def send_to(person: Person | None, asked_for: str) -> None:
    """Queue what lets somebody in: the invitation, or a hint where there is a login already."""
    if person is None or not person.email:
        outbox.queue(signing_in.draft_for_nobody(asked_for))
        return
    kind = LOGIN_HINT if hasattr(person, "user") else INVITATION
    outbox.queue(
        outbox.Draft(
            kind=kind,
            recipient_key=person.pk,
            address=person.email,
            dedupe_key=f"{kind}:{person.pk}:{clock.today():%Y%m%d}",
            ids={"person": str(person.pk)},
            expires_at=clock.now() + WAITS,
        )
    )


def ask_to_join(number: str, proof: str) -> None:
    """„Ich bin Mitglied“: the number with PLZ or address leads to the address on file."""
    memberships = Membership.objects.filter(number=number.strip(), has_ended=False)
    found = memberships.select_related("person__user").first()
    person = found.person if found else None
    given = proof.strip().lower()
    known = {person.plz, person.email.lower()} - {""} if person else set()
    send_to(person if given in known else None, f"{number.strip()} {given}")


# --- For staff ------------------------------------------------------------------------------


@transaction.atomic
def send(person: Person, by: Person) -> None:
    """Send the open invitation, or a new one; at most one mail a day."""
    if User.objects.filter(person=person).exists():
        raise NotInvitable("Diese Person hat schon einen Zugang.")
    if not person.email:
        raise NotInvitable("Ohne E-Mail-Adresse geht keine Einladung. Ruf lieber an.")
    if has_left(person):
        raise NotInvitable("Diese Person ist ausgetreten.")
    key = f"{INVITATION}:{person.pk}:{clock.today():%Y%m%d}"
    if OutgoingMail.objects.filter(dedupe_key=key).exists():
        raise NotInvitable("Heute ist schon eine Einladung hinausgegangen. Morgen geht es wieder.")
    invitation = ensure_invitation(person)
    send_to(person, "")
    audit.record("invitation.sent", by.pk, invitation)


@transaction.atomic
def revoke(person: Person, by: Person) -> int:
    """End the open invitations: a link already sent stops working, one that waits stays here."""
    now = clock.now()
    ended = person.invitations.filter(accepted_at=None, expires_at__gt=now).update(
        expires_at=now, revoked_at=now
    )
    waiting = [OutgoingMail.State.QUEUED, OutgoingMail.State.FAILED]
    OutgoingMail.objects.filter(kind=INVITATION, recipient_key=person.pk, state__in=waiting).update(
        state=OutgoingMail.State.DROPPED, reason=REVOKED
    )
    if ended:
        audit.record("invitation.revoked", by.pk, person, count=ended)
    return ended


@transaction.atomic
def lock(person: Person, by: Person) -> None:
    """Close a login; every session ends at once."""
    user = _login_of(person, by)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_all(user)
    audit.record("access.locked", by.pk, user, ["is_active"])


@transaction.atomic
def unlock(person: Person, by: Person) -> None:
    user = _login_of(person, by)
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record("access.unlocked", by.pk, user, ["is_active"])


def _login_of(person: Person, by: Person) -> User:
    if person.pk == by.pk:
        raise NotInvitable("Den eigenen Zugang kann nur jemand anderes sperren oder öffnen.")
    user = User.objects.select_for_update(of=("self",)).filter(person=person).first()
    if user is None:
        raise NotInvitable("Diese Person hat keinen Zugang.")
    return user
