"""What happens when somebody types an address: the same work, known or not (T4)."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from members.models import User
from portal.common import clock
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail

CODE = "account.login_code"
RESET = "account.reset"
NOBODY = "account.nobody"
NOBODYS_ADDRESS = "niemand@portal.invalid"
LIVES = {
    CODE: timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
    RESET: timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
    NOBODY: timedelta(minutes=10),
}
# Far above what anybody needs: it only ends a flood, and one IP cannot use it up.
MOST_A_DAY = {CODE: 40, RESET: 20, NOBODY: 0}


def find(email: str, *, is_active: bool | None = True) -> User | None:
    """Return the login of an address with exactly one query."""
    users = User.objects.filter(email=email.strip().lower())
    return (users if is_active is None else users.filter(is_active=is_active)).first()


@transaction.atomic
def queue_for(user: User | None, kind: str, mail_id: UUID | None = None) -> None:
    """Write one outbox row; for nobody one that is dropped when its turn comes."""
    mail_id = mail_id or uuid4()
    if _sent_enough(user, kind):
        user = None
    kind = kind if user else NOBODY
    outbox.queue(
        outbox.Draft(
            id=mail_id,
            kind=kind,
            recipient_key=user.person_id if user else uuid4(),
            address=user.email if user else NOBODYS_ADDRESS,
            dedupe_key=f"{kind}:{mail_id}",
            ids={"user": str(user.pk if user else uuid4())},
            # What came too late would only puzzle whoever asked for it.
            expires_at=clock.now() + LIVES[kind],
        )
    )


def _sent_enough(user: User | None, kind: str) -> bool:
    """Whoever floods a mailbox is not told that it ends, so nobody is refused for it."""
    day_ago = clock.now() - timedelta(days=1)
    recipient = user.person_id if user else uuid4()
    sent = OutgoingMail.objects.filter(
        recipient_key=recipient, kind=kind, created_at__gt=day_ago
    ).count()
    return sent >= MOST_A_DAY[kind]


def draft_for_nobody(asked_for: str) -> outbox.Draft:
    """The same for questions that are answered at most once a day."""
    mark = salted_hmac("nobody", asked_for, algorithm="sha256").hexdigest()[:32]
    return outbox.Draft(
        kind=NOBODY,
        recipient_key=uuid4(),
        address=NOBODYS_ADDRESS,
        dedupe_key=f"{NOBODY}:{mark}:{clock.today():%Y%m%d}",
        ids={"person": str(uuid4())},
        expires_at=clock.now() + LIVES[NOBODY],
    )


@transaction.atomic
def ask_for_call(email: str) -> None:
    """Put "bitte zurückrufen" on the list of staff; the answer never tells whether it did."""
    user = find(email)
    waiting = User.objects.filter(pk=user.pk if user else uuid4())
    waiting.update(asked_for_call_at=clock.now())
