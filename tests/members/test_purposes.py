"""Purpose × consent: what a purpose opens is there with its consent only (trust.md 1.6)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth import get_user
from django.urls import reverse

from members.models import Interest, Meldung, MitmachOrt, Onboarding, Person
from members.queries import call_sheet, meldungen, newcomers
from members.services import consenting, interest
from members.services.reference import INTEREST, MESSENGER
from portal.common import clock, consents
from portal.common.models import Consent, ConsentText
from tests.conftest import BACKEND
from tests.members.interested import ADDRESS, asked, make_interest
from tests.world import make_user

OTHER = "anderes"


def on_the_call_sheet(world, person) -> bool:
    found = Onboarding.objects.annotate(**call_sheet.facts())
    return bool(found.get(person=person).may_use_messenger)


def on_heute(world, person) -> bool:
    calls = newcomers.heute(world.user("ansprechperson")).calls
    return any(one.may_use_messenger for one in calls if one.person_id == person.pk)


def beside_a_question_about_a_place(world, person) -> bool:
    place = MitmachOrt.objects.get_or_create(
        title="Treff",
        defaults={
            "kind": "treff",
            "sentence": "Wir reden.",
            "gliederung": person.gliederung,
            "confirmed_on": clock.today(),
        },
    )[0]
    asked = Meldung.objects.get_or_create(
        ort=place, person=person, defaults={"created_at": clock.now()}
    )[0]
    user = world.user("ansprechperson")
    (row,) = meldungen.rows(user, list(meldungen.open_for(user).filter(pk=asked.pk)), MESSENGER)
    return row.way.label.startswith("Messenger")


# Each purpose with every page or list that may open with it.
OPENS: dict[str, list[Callable]] = {
    MESSENGER: [on_the_call_sheet, on_heute, beside_a_question_about_a_place]
}


def test_every_purpose_opens_something_and_has_a_text(world):
    registered = {purpose.code for purpose in consents.all_purposes()}
    assert registered == {*OPENS, INTEREST}  # INTEREST opens a Person: see below
    assert all(purpose.opens and purpose.title for purpose in consents.all_purposes())
    assert set(ConsentText.objects.values_list("purpose", flat=True)) == registered


@pytest.fixture
def person(world):
    found = world.person("newcomer")
    Person.objects.filter(pk=found.pk).update(preferred_channel="messenger", mobile="+491511")
    return found


def give(person, purpose):
    consents.give(person.pk, purpose, "de", Consent.Channel.ONLINE, person.pk)


@pytest.fixture
def other_purpose():
    """A consent to something else, as a later release might ask for."""
    purpose = consents.register(consents.Purpose(OTHER, "Anderes", "Nichts davon."))
    yield purpose
    del consents._purposes[OTHER]


CASES = [(purpose, opened) for purpose, listed in OPENS.items() for opened in listed]


@pytest.mark.parametrize(("purpose", "opened"), CASES)
def test_it_is_open_with_this_consent_only(purpose, opened, world, person, other_purpose):
    assert opened(world, person) is False
    ConsentText.objects.create(
        purpose=OTHER, version=1, language="de", text="Ja", valid_from=clock.today()
    )
    give(person, OTHER)
    assert opened(world, person) is False
    give(person, purpose)
    assert opened(world, person) is True
    consents.withdraw(person.pk, purpose, person.pk)
    assert opened(world, person) is False


def test_a_form_becomes_a_person_with_this_consent_only(world, person):
    give(person, MESSENGER)
    before = Person.objects.count()
    interest.ask(asked())
    assert Person.objects.count() == before
    one = interest.confirm(Interest.objects.get(email=ADDRESS))
    assert consents.holds(one.person_id, INTEREST)
    assert Person.objects.count() == before + 1
    assert consenting.withdraw(one.person, consents.purpose_of(INTEREST)) is False
    assert Person.objects.count() == before


def test_taking_that_back_ends_the_login_too(world, client):
    one = make_interest()
    user = make_user(one.person, second_factor=False)
    client.force_login(user, backend=BACKEND)
    page = client.get(reverse("members:consents")).content.decode()
    assert page.count("Zurücknehmen: Ich will mitmachen") == 1
    answer = client.post(reverse("members:consent", args=[INTEREST]), {"answer": "no"})
    assert (answer.status_code, answer.url) == (302, reverse("dashboards:home"))
    assert not get_user(client).is_authenticated
    assert not Person.objects.filter(pk=one.person_id).exists()


def test_each_purpose_is_one_tap_to_give_and_one_to_take_back(world, client_as):
    client, person = client_as("newcomer"), world.person("newcomer")
    url, page = reverse("members:consent", args=[MESSENGER]), reverse("members:consents")
    for answer, label in (("yes", "Ja, das ist in Ordnung: Messenger"), ("no", "Zurücknehmen")):
        assert label in client.get(page).content.decode()
        client.post(url, {"answer": answer})
        assert consents.holds(person.pk, MESSENGER) is (answer == "yes")


def test_the_proof_keeps_what_was_taken_back_with_the_words_of_that_version(world, client_as):
    person = world.person("newcomer")
    give(person, MESSENGER)
    first = consents.current_text(MESSENGER, "de").text
    consents.withdraw(person.pk, MESSENGER, person.pk)
    ConsentText.objects.create(
        purpose=MESSENGER, version=2, language="de", text="Neuer Text.", valid_from=clock.today()
    )
    consents.give(person.pk, MESSENGER, "de", "phone", world.person("ansprechperson").pk)
    for client, url in (
        (client_as("newcomer"), reverse("members:my_proof")),
        (client_as("staff"), reverse("members:proof", args=[person.pk])),
    ):
        page = client.get(url).content.decode()
        assert (page.count(first), page.count("Neuer Text.")) == (1, 1)
        assert page.count("zurückgenommen</span>") == 1
        assert page.count("am Telefon") == 1


def test_the_proof_of_a_double_opt_in_names_both_moments(world):
    one = make_interest()
    (proof,) = consenting.proofs(one.person)
    assert (proof.asked_at, proof.title) == (one.created_at, "Ich will mitmachen")
    assert proof.consent.given_at >= one.confirmed_at


ROOT = Path(__file__).resolve().parents[2]
# Where consents are kept, shown as history, or go with the person.
MAY_READ_ROWS = {
    "portal/common/consents.py",
    "members/services/answers.py",
    "members/services/consenting.py",
    "members/services/imports/undoing.py",
    "members/services/erasure.py",
    "members/queries/facts.py",
    "members/queries/my_data.py",
}


def test_nothing_is_opened_by_reading_the_rows_past_the_registry():
    readers = {
        str(path.relative_to(ROOT))
        for app in ("members", "portal")
        for path in (ROOT / app).rglob("*.py")
        if "Consent.objects" in path.read_text(encoding="utf-8")
    }
    assert readers == MAY_READ_ROWS
