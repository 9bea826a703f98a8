"""„Ich komme nicht rein“: back in by telephone, with a second person knowing of it (R27)."""

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from members import login_code
from members.capabilities import kinds_granting
from members.models import Amt, District, OneTimeCode, Person, User
from members.services import sessions, signing_in
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import services as outbox

LIVES = timedelta(hours=1)
# From everywhere together; one IP is stopped long before (members.limits), so that a stranger
# who knows the address does not use up the code of somebody on the telephone.
MOST_TRIES = 50
MADE = "account.one_time_made"
USED = "account.one_time_used"
TOLD = "account.one_time_told"
WRONG = "Adresse und Code passen nicht zusammen, oder der Code gilt nicht mehr."


class NotForOneself(DomainError):
    """Nobody lets themselves in."""


class NoSecondPerson(DomainError):
    """There is nobody who could be told."""


class NotCalledBack(DomainError):
    """The voice on the telephone may be anybody's; the stored number is not."""


class AlreadyShown(DomainError):
    """The same form arrived again; its code was read out and is known to nobody here."""


class NoLogin(DomainError):
    """There is nothing to get back into."""


class CodeRefused(DomainError):
    """Wrong, used, too old, or tried too often; the page says the same in every case."""


class PasswordNeeded(DomainError):
    """The old password may be in other hands, and the factor beside it is about to go."""


def _mark(pk: UUID, code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return salted_hmac("one-time", f"{pk.hex}:{plain}", algorithm="sha256").hexdigest()


def _new_code() -> str:
    signs = [secrets.choice(login_code.ALPHABET) for _ in range(login_code.LENGTH)]
    return f"{''.join(signs[:4])}-{''.join(signs[4:])}"


def _told_kinds() -> list[list[str]]:
    """Who is told, in this order: others who let people in, Datenschutz, the chair."""
    return [kinds_granting("access.manage"), [Amt.Kind.DATENSCHUTZ], [Amt.Kind.VORSITZ]]


def may_be_told(amt: Amt, district: District) -> bool:
    kinds = [kind for group in _told_kinds() for kind in group]
    return amt.gliederung_id == district.gliederung_id and amt.kind in kinds


def second_person(about: UUID, by: UUID) -> Person | None:
    """Who is told; never who did it, never whom it is about."""
    top = District.current().gliederung
    for kinds in _told_kinds():
        held = Amt.objects.active().filter(kind__in=kinds, gliederung=top)
        # Whoever can sign in sees it on "Zu tun" as well.
        held = held.exclude(person__in=(by, about)).order_by(F("person__user").asc(nulls_last=True))
        found = held.select_related("person").first()
        if found:
            return found.person
    return None


@transaction.atomic
def make_code(person: Person, by: Person, *, called_back: bool, token: UUID | None = None) -> str:
    """Return the code to read out; it is stored nowhere. Earlier ones end. A token counts once."""
    user = (
        User.objects.select_for_update(of=("self",)).filter(person=person, is_active=True).first()
    )
    if user is None:
        raise NoLogin("Diese Person hat keinen offenen Zugang.")
    if by.pk == person.pk:
        raise NotForOneself("Für dich selbst geht das nicht. Bitte jemand anderen darum.")
    if not called_back:
        raise NotCalledBack("Bitte ruf zuerst unter der hinterlegten Nummer zurück.")
    if token and OneTimeCode.objects.filter(pk=token).exists():
        raise AlreadyShown("Den Code zeigen wir nur einmal.")
    told = second_person(user.person_id, by.pk)
    if told is None:
        raise NoSecondPerson(
            "Dafür muss eine zweite Person Bescheid bekommen, und es gibt keine. Bitte trag im "
            "Gebiet eine zweite Person der Geschäftsstelle, den Datenschutz oder den Vorsitz ein."
        )
    now, code = clock.now(), _new_code()
    user.one_time_codes.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    made = OneTimeCode(user=user, made_by=by, told=told, created_at=now, expires_at=now + LIVES)
    made.pk = token or made.pk
    made.mark = _mark(made.pk, code)
    made.save(force_insert=True)
    User.objects.filter(pk=user.pk).update(asked_for_call_at=None)
    audit.record("access.code_made", by.pk, user)
    _tell(made, MADE, user.person_id, user.email)
    if told.email:
        _tell(made, TOLD, told.pk, told.email)
    return code


def _tell(made: OneTimeCode, kind: str, recipient: UUID, address: str) -> None:
    outbox.queue(
        outbox.Draft(
            kind=kind,
            recipient_key=recipient,
            address=address,
            dedupe_key=f"{kind}:{made.pk}",
            ids={"one_time_code": str(made.pk)},
        )
    )


def redeem(email: str, code: str, password: str) -> User:
    """Take off the old factors and end all sessions; raises CodeRefused or PasswordNeeded.

    The wrong try is counted outside of what a refusal undoes, and costs the same for nobody.
    """
    found = _newest(signing_in.find(email))
    pk = found.pk if found else uuid4()
    mark = found.mark if found else ""
    if constant_time_compare(mark, _mark(pk, code)) and found:
        return _let_in(found, password)
    OneTimeCode.objects.filter(pk=pk).update(wrong_tries=F("wrong_tries") + 1)
    raise CodeRefused(WRONG)


def _newest(user: User | None) -> OneTimeCode | None:
    """The one code that counts, asked for with the same query for nobody."""
    codes = OneTimeCode.objects.filter(user_id=user.pk if user else uuid4())
    open_ = codes.filter(used_at=None, expires_at__gt=clock.now(), wrong_tries__lt=MOST_TRIES)
    return open_.order_by("-created_at").first()


@transaction.atomic
def _let_in(found: OneTimeCode, password: str) -> User:
    """The row lock lets one code in once, however often it arrives."""
    held = OneTimeCode.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if held.used_at or held.expires_at <= clock.now() or held.wrong_tries >= MOST_TRIES:
        raise CodeRefused(WRONG)
    user = User.objects.select_for_update(of=("self",)).get(pk=held.user_id)
    if user.needs_second_factor and not password:
        raise PasswordNeeded("Bitte denk dir ein neues Passwort aus. Der Code gilt noch.")
    held.used_at = clock.now()
    held.save(update_fields=["used_at"])
    if password:
        user.set_password(password)
        user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    audit.record("access.code_used", user.person_id, user, ["password"] if password else [])
    _tell(held, USED, user.person_id, user.email)
    return user


@transaction.atomic
def mark_seen(code: OneTimeCode) -> None:
    """The second person has taken note."""
    if code.seen_at is None:
        code.seen_at = clock.now()
        code.save(update_fields=["seen_at"])
        audit.record("access.code_seen", code.told_id, code)


@transaction.atomic
def called(person: Person, by: Person) -> None:
    """The request for a call is settled without a code."""
    if User.objects.filter(person=person).update(asked_for_call_at=None):
        audit.record("access.called_back", by.pk, person)
