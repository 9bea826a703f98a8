"""What the tests about „Ich will mitmachen“ and about applications have in common."""

from datetime import timedelta

from django.core import signing
from django.urls import reverse

from members.models import Interest, Membership
from members.services import interest
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from tests.world import make_person

ADDRESS = "ida@example.org"


def filled(**values):
    """What a browser sends after half a minute."""
    began = int(clock.now().timestamp()) - 30
    return {
        "given_name": "Ida",
        "family_name": "Zzinteressiert",
        "email": ADDRESS,
        "plz": "30989",
        "phone": "0511 987654",
        "language": "de",
        "agreed": "on",
        "website": "",
        "began": signing.Signer(salt="interest-form").sign(str(began)),
    } | values


def asked(**values):
    return interest.Asked(
        **{
            "given_name": "Ida",
            "family_name": "Zzinteressiert",
            "email": ADDRESS,
            "phone": "",
            "plz": "30989",
            "language": "de",
        }
        | values
    )


def send(client, name="members:interest", kwargs=None, **values):
    return client.post(reverse(name, kwargs=kwargs), filled(**values))


def make_interest(email=ADDRESS, **values):
    """One form whose address has just been confirmed."""
    interest.ask(asked(email=email, **values))
    return interest.confirm(Interest.objects.get(email=email))


def link(one):
    return interest.url(one).partition("/mitmachen/")[2].join(["/mitmachen/", ""])


def make_application(family_name, gliederung, days, **values):
    """Somebody who applied so many days ago."""
    person = make_person(family_name, gliederung, plz="30989")
    today = clock.today()
    return Membership.objects.create(
        person=person,
        applied_on=today - timedelta(days=days),
        first_seen_on=today - timedelta(days=days),
        **values,
    )


def mails():
    """What would really leave: (kind, address)."""
    found = OutgoingMail.objects.exclude(kind="account.nobody")
    return list(found.values_list("kind", "address"))
