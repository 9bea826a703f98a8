from datetime import timedelta

import pytest
from django.urls import reverse

from members.services.reference import MESSENGER
from portal.common import clock, consents
from portal.common.models import AuditEvent, Consent, ConsentText
from tests.concurrency import at_once


@pytest.fixture
def person(world):
    return world.person("newcomer")


def give(person, language="de"):
    consents.give(person.pk, MESSENGER, language, Consent.Channel.ONLINE, person.pk)


def test_a_yes_holds_for_the_text_that_was_read(person):
    assert consents.holds(person.pk, MESSENGER) is False
    give(person, "en")
    consent = Consent.objects.get(subject=person.pk)
    assert (consent.text.language, consent.text.version) == ("en", 1)
    assert consents.holds(person.pk, MESSENGER) is True


def test_a_second_yes_changes_nothing(person):
    give(person)
    give(person)
    assert Consent.objects.filter(subject=person.pk).count() == 1


def test_taking_it_back_keeps_the_proof_and_a_new_yes_is_a_new_row(person):
    give(person)
    consents.withdraw(person.pk, MESSENGER, person.pk)
    assert consents.holds(person.pk, MESSENGER) is False
    give(person)
    rows = Consent.objects.filter(subject=person.pk).order_by("given_at")
    assert [row.withdrawn_at is None for row in rows] == [False, True]


def test_a_language_without_text_falls_back_to_easy_german(person):
    assert consents.current_text(MESSENGER, "tr").language == "leicht"


def test_a_new_version_is_shown_from_its_day(person):
    ConsentText.objects.create(
        purpose=MESSENGER,
        version=2,
        language="de",
        text="Neu",
        valid_from=clock.today() + timedelta(days=1),
    )
    assert consents.current_text(MESSENGER, "de").version == 1


def test_nobody_can_agree_to_a_purpose_without_text(person):
    ConsentText.objects.filter(purpose=MESSENGER).delete()
    with pytest.raises(ConsentText.DoesNotExist):
        give(person)


@pytest.mark.parametrize(
    "use",
    [
        lambda pk: consents.holds(pk, "nothing"),
        lambda _: consents.given_for("nothing"),
        lambda pk: consents.standing(pk, "nothing", "de"),
        lambda pk: consents.give(pk, "nothing", "de", Consent.Channel.ONLINE, pk),
        lambda pk: consents.withdraw(pk, "nothing", pk),
    ],
)
def test_a_purpose_nobody_has_registered_is_a_mistake(use, person):
    with pytest.raises(KeyError):
        use(person.pk)


def test_the_audit_log_says_that_and_not_what(person):
    give(person)
    consents.withdraw(person.pk, MESSENGER, person.pk)
    events = AuditEvent.objects.filter(actor=person.pk).order_by("pk")
    assert [event.code for event in events] == [
        "consent.given.messenger",
        "consent.withdrawn.messenger",
    ]


def test_one_tap_each_on_the_own_page(world, client_as):
    client, person = client_as("newcomer"), world.person("newcomer")
    url = reverse("members:consent", args=[MESSENGER])
    client.post(url, {"answer": "yes"})
    assert consents.holds(person.pk, MESSENGER) is True
    client.post(reverse("members:profile"), {"preferred_channel": "phone", "language": "de"})
    assert consents.holds(person.pk, MESSENGER) is True
    client.post(url, {"answer": "no"})
    assert consents.holds(person.pk, MESSENGER) is False


def test_two_taps_at_once_are_one_consent(live_world):
    person = live_world.person("newcomer")
    at_once(lambda: give(person), lambda: give(person))
    assert Consent.objects.filter(subject=person.pk).count() == 1
