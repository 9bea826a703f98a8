"""How often each door may be tried, per IP, per address from one IP, and per address."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import truncate_ip
from django.http import HttpRequest

from portal.common import limits
from portal.common.limits import Limit

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Door:
    """The limits of one URL; `field` names what is typed there and belongs to one person.

    `both` counts what is typed together with the IP: whoever knows an address can slow down only
    themselves. `subject` counts it alone, and so only where nobody gets to without the password.
    How many mails one person gets a day is the business of `signing_in`, which refuses nobody.
    """

    ip: Limit
    field: str = ""
    both: tuple[Limit, ...] = ()
    subject: Limit | None = None
    # Open to citizens: a whole network counts as one (T18), and the answer says Sie.
    is_public: bool = False


DOORS: dict[str, Door] = {
    "account_login": Door(Limit(60, 10 * MINUTE), "login", both=(Limit(5, 5 * MINUTE),)),
    "account_request_login_code": Door(
        Limit(20, 10 * MINUTE), "email", both=(Limit(3, 10 * MINUTE), Limit(10, DAY))
    ),
    "account_reset_password": Door(
        Limit(20, 10 * MINUTE), "email", both=(Limit(3, 10 * MINUTE), Limit(5, DAY))
    ),
    "account_confirm_login_code": Door(Limit(30, 10 * MINUTE)),
    "account_reset_password_from_key": Door(Limit(30, 10 * MINUTE)),
    "account_reauthenticate": Door(Limit(30, 10 * MINUTE), subject=Limit(5, 5 * MINUTE)),
    "mfa_authenticate": Door(Limit(30, 10 * MINUTE), subject=Limit(5, 5 * MINUTE)),
    "mfa_reauthenticate": Door(Limit(30, 10 * MINUTE), subject=Limit(5, 5 * MINUTE)),
    "mfa_reauthenticate_webauthn": Door(Limit(30, 10 * MINUTE)),
    "members:confirm": Door(Limit(30, 10 * MINUTE), subject=Limit(5, 5 * MINUTE)),
    "mfa_login_webauthn": Door(Limit(60, 10 * MINUTE)),
    "members:invitation": Door(Limit(30, 10 * MINUTE)),
    "members:invitation_again": Door(Limit(10, HOUR)),
    "members:one_time": Door(Limit(20, 10 * MINUTE), "email", both=(Limit(10, HOUR),)),
    "members:interest": Door(Limit(10, HOUR), is_public=True),
    "members:come_along": Door(Limit(10, HOUR), is_public=True),
    "members:interest_confirm": Door(Limit(30, 10 * MINUTE), is_public=True),
    "members:join": Door(Limit(10, HOUR), "number", both=(Limit(3, HOUR), Limit(5, DAY))),
    "members:call_back": Door(Limit(5, HOUR), "email", both=(Limit(2, HOUR), Limit(5, DAY))),
}


def _who(request: HttpRequest, door: Door) -> str:
    """What was typed; behind the password, whose second factor is being tried."""
    if door.field:
        return request.POST.get(door.field, "").strip().lower()[:200]
    pending = request.session.get("account_login")
    if isinstance(pending, dict):
        return str(pending.get("user_pk"))
    return str(request.session.get("_auth_user_id", ""))


def _network(ip: str) -> str:
    """The /24 or /56 an address belongs to: whoever has many has them side by side."""
    try:
        bits = 24 if ip_address(ip).version == 4 else 56
    except ValueError:
        return ip
    return str(ip_network(f"{ip}/{bits}", strict=False))


def _counted(request: HttpRequest, door: Door) -> Iterator[tuple[str, str, Limit]]:
    ip = get_adapter().get_client_ip(request)
    ip = _network(ip) if door.is_public else truncate_ip(ip)
    yield "ip", ip, door.ip
    who = _who(request, door)
    for limit in door.both:
        yield f"both {limit.seconds}", f"{ip} {who}", limit
    if door.subject and who:
        yield "subject", who, door.subject


def refused(request: HttpRequest, name: str) -> bool:
    """Count this try, and not beyond the first limit that refuses it; raises LimitsDown.

    What one IP does too often must not be counted against the person it does it to.
    """
    return not all(
        limits.allows(f"{name} {kind}", subject, limit)
        for kind, subject, limit in _counted(request, DOORS[name])
    )
