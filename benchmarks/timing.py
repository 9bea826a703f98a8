"""`make timing`: does the answer come sooner for an unknown address? (T4) Not part of CI.

Per endpoint 200 samples, known and unknown in turns. AUC is the chance that a random known sample
took longer than a random unknown one: 0.5 says that nothing can be told.
"""

import statistics
import sys
import time

from benchmarks.house import house

SAMPLES = 200
MOST_AUC_OFF = 0.1
MOST_GAP = 0.1
LOGINS = 300
PASSWORD = "ein langer Satz über Rüben"


def main() -> int:
    with house("timing", "CRITICAL"):
        return run()


def run() -> int:
    from django.conf import settings

    from portal.common.scope import scope

    settings.ALLOWED_HOSTS = ["testserver"]
    with scope("system:timing"):
        endpoints = stage()
    print(f"{'':28} {'bekannt':>9} {'unbekannt':>9} {'Abstand':>8} {'AUC':>6}")
    told_apart = [name for name, data in endpoints.items() if measure(name, *data)]
    return int(bool(told_apart))


def stage():
    """Some hundred logins, one invited person, and what is typed for known and unknown."""
    from allauth.account.models import EmailAddress

    from members.services import invitations, recovery
    from tests.world import build_world, make_newcomer, make_person, make_user

    world = build_world()
    for number in range(LOGINS):
        make_user(make_person(f"Viele{number:03}"), second_factor=False)
    user = world.user("member")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    invited = make_newcomer("Zzinvited", world.gliederung("Gehrden")).person
    token = invitations.token(invitations.ensure_invitation(invited))
    recovery.make_code(user.person, world.person("staff"), called_back=True)
    nobody = "zznobody@example.org"
    again = "members:invitation_again"
    return {
        "Anmelden": [
            ("account_login", {"login": email, "password": "falsch"}, {})
            for email in (user.email, nobody)
        ],
        "Code per E-Mail": [
            ("account_request_login_code", {"email": email}, {}) for email in (user.email, nobody)
        ],
        "Neues Passwort": [
            ("account_reset_password", {"email": email}, {}) for email in (user.email, nobody)
        ],
        "Einladung noch einmal": [
            (again, {}, {"token": given}) for given in (token, "a" * len(token))
        ],
        "Ich bin Mitglied": [
            ("members:join", {"number": number, "proof": invited.email}, {})
            for number in ("M-Zzinvited", "M-Zznobody")
        ],
        "Einmalcode": [
            ("members:one_time", {"email": email, "code": "AAAA-AAAA"}, {})
            for email in (user.email, nobody)
        ],
        "Rückruf": [("members:call_back", {"email": email}, {}) for email in (user.email, nobody)],
    }


def sample(name: str, data: dict, kwargs: dict) -> float:
    """One request of a fresh browser, with the traces of the one before removed."""
    from django.core.cache import cache
    from django.test import Client
    from django.urls import reverse

    from members.models import OneTimeCode
    from portal.common.outbox.models import OutgoingMail
    from portal.common.scope import scope

    cache.clear()
    with scope("system:timing"):
        OutgoingMail.objects.all().delete()
        OneTimeCode.objects.update(wrong_tries=0)
    client = Client()
    url = reverse(name, kwargs=kwargs)
    started = time.perf_counter()
    client.post(url, data)
    return (time.perf_counter() - started) * 1000


def measure(title: str, known: tuple, unknown: tuple) -> bool:
    """Print one line; True when the two can be told apart."""
    for _ in range(5):
        sample(*known), sample(*unknown)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(SAMPLES):
        # Whichever comes second may find warmer caches: they take turns in that too.
        for side in (0, 1) if number % 2 else (1, 0):
            times[side].append(sample(*(known, unknown)[side]))
    first, second = (statistics.median(values) for values in times)
    gap = abs(first - second) / max(first, second)
    wins = sum((a > b) + (a == b) / 2 for a in times[0] for b in times[1])
    auc = wins / len(times[0]) / len(times[1])
    print(f"{title:28} {first:6.1f} ms {second:6.1f} ms {gap:7.1%} {auc:6.2f}", flush=True)
    return gap > MOST_GAP or abs(auc - 0.5) > MOST_AUC_OFF


if __name__ == "__main__":
    sys.exit(main())
