"""Everything a person can answer in the portal can be entered for them by phone (R1)."""

from django.urls import reverse

import members.digest_links
import members.links  # noqa: F401 -- registers what a mail lets people answer
from members.forms.accounts import ProfileForm
from members.models import Onboarding, PhoneAnswer
from members.services import answers
from members.services.reference import MESSENGER
from portal.common import consents, links
from portal.common.models import AuditEvent, Consent
from tests.security.matrix import SPEC
from tests.world import NEWCOMERS, make_newcomer

# What newcomers post that is no answer: their login, their own session, fields covered below.
NO_ANSWER = {
    "common:signed_link",
    # Ways in, and one's own devices.
    "members:call_back",
    "members:invitation",
    "members:invitation_again",
    "members:join",
    "members:one_time",
    "members:session_end",
    "members:confirm",
    # Anybody's form, for who is no member yet; whoever rings is entered by the Ortsverein.
    "members:interest",
    "members:come_along",
    "members:interest_confirm",
    # A new card in place of the old one, to hand out.
    "members:card",
    # Told to the office or a Vertrauensperson, never to the own Ortsverein (T24).
    "members:tandem_report",
    # Read in sums only: said to somebody who knows one it would be another answer.
    "members:tandem_feedback",
    # A file to take home; the office makes it for whoever asks in another way.
    "members:my_export",
    # For whoever has no login; and the address of one's own calendar.
    "events:guest",
    "events:subscribe",
    "events:revoke",
}
BY_FIELD = {"members:profile"}
# About the own office; who holds one is not "somebody without internet".
OFFICE = {"members:profile_phone"}
# What somebody with an office answers from the digest; the call sheet takes the same.
OF_GUESTS = {"event-guest"}
OF_OFFICE_HOLDERS = {"digest-reached", "digest-not-reached", "digest-next-week"}


def covered(name):
    return {code for answer in answers.all_answers() for code in getattr(answer, name)}


def test_no_page_and_no_link_asks_something_that_cannot_be_said_by_phone():
    asked = {
        name
        for name, cells in SPEC.items()
        for cell in cells
        if cell.method == "POST" and {*NEWCOMERS, "mentor"} & cell.allowed
    }
    account = {name for name in asked if not name.partition(":")[2]}
    ours = {
        name for name in asked - account if name.startswith(("members:", "dashboards:", "events:"))
    }
    assert ours - NO_ANSWER - BY_FIELD - OFFICE == covered("pages")
    assert set(links._actions) - OF_OFFICE_HOLDERS - OF_GUESTS == covered("links")
    assert set(ProfileForm.Meta.fields) == covered("fields")


SAID = {
    "preferred_channel": "letter",
    "language": "leicht",
    "messenger": "ja",
    "mentor": "nein",
    "prefers_flinta": "ja",
    "nobody_called": "ja",
}


def test_a_contact_enters_everything_and_the_person_sees_who_did(world, client_as):
    person = world.person("newcomer")
    contact = world.person("ansprechperson")
    client = client_as("ansprechperson")
    url = reverse("members:by_phone", args=[person.pk])
    text = consents.current_text(MESSENGER, person.language).text
    assert client.get(url).content.decode().count(text) == 1

    client.post(url, SAID)

    person.refresh_from_db()
    onboarding = Onboarding.objects.get(person=person)
    assert (person.preferred_channel, person.language) == ("letter", "leicht")
    assert (onboarding.wants_mentor, onboarding.asked_for_call_at is None) == (False, False)
    consent = Consent.objects.get(subject=person.pk)
    assert (consent.channel, consent.recorded_by) == ("phone", contact.pk)
    assert set(PhoneAnswer.objects.values_list("code", "entered_by")) == {
        (code, contact.pk) for code in SAID
    }
    own = client_as("newcomer").get(reverse("members:profile")).content.decode()
    assert own.count("Telefonisch eingetragen") == 1
    sheet = client.get(reverse("members:newcomer", args=[onboarding.pk])).content.decode()
    assert sheet.count("Am Telefon gesagt: ") == len(SAID)
    assert sheet.count(contact.full_name) >= len(SAID)
    assert own.count(contact.first_name) >= len(SAID)


def test_saying_the_same_again_records_nothing(world):
    person, by = world.person("newcomer"), world.person("ansprechperson")
    answers.enter(person, SAID, by)
    before = PhoneAnswer.objects.count(), AuditEvent.objects.count()

    assert answers.enter(person, SAID, by) == []
    assert (PhoneAnswer.objects.count(), AuditEvent.objects.count()) == before


def test_a_yes_given_on_the_phone_can_be_taken_back_on_the_phone(world):
    person, by = world.person("newcomer"), world.person("ansprechperson")
    answers.enter(person, {"messenger": "ja"}, by)

    answers.enter(person, {"messenger": "nein"}, by)

    assert not consents.holds(person.pk, MESSENGER)


def test_the_log_of_answers_names_fields_and_no_values(world):
    person, by = world.person("newcomer"), world.person("ansprechperson")
    answers.enter(person, {"language": "en"}, by)

    event = AuditEvent.objects.get(code="answer.by_phone")
    assert (event.actor, event.subject, event.fields) == (by.pk, person.pk, ["language"])


def test_a_member_without_a_running_onboarding_is_asked_less(world):
    asked = {
        role: {entry.answer.code for entry in answers.asked_of(world.person(role))}
        for role in ("newcomer", "member")
    }

    assert asked["newcomer"] - asked["member"] == {"mentor", "wished_mentor", "nobody_called"}
    assert {"preferred_channel", "language", "messenger"} < asked["member"]


def test_nonsense_is_refused_in_words(world, client_as):
    onboarding = make_newcomer("Zzx", world.gliederung("Gehrden"))
    url = reverse("members:by_phone", args=[onboarding.person_id])

    response = client_as("ansprechperson").post(url, SAID | {"language": "klingonisch"})

    assert response.status_code == 200
    assert PhoneAnswer.objects.count() == 0


def test_a_yes_on_the_phone_does_not_override_what_the_person_took_back_alone(world, client_as):
    person, by = world.person("newcomer"), world.person("ansprechperson")
    answers.enter(person, {"messenger": "ja"}, by)
    consents.withdraw(person.pk, MESSENGER, person.pk)
    url = reverse("members:by_phone", args=[person.pk])

    page = client_as("ansprechperson").post(url, SAID)

    person.refresh_from_db()
    assert "selbst zurückgenommen" in page.content.decode()
    assert not consents.holds(person.pk, MESSENGER)
    assert person.language != SAID["language"]  # nothing is half saved
    answers.enter(person, SAID | {"messenger": "nein"}, by)
    person.refresh_from_db()
    assert person.language == SAID["language"]


def test_a_no_said_on_the_phone_can_become_a_yes_on_the_phone(world):
    person, by = world.person("newcomer"), world.person("ansprechperson")
    for said in ("ja", "nein", "ja"):
        answers.enter(person, {"messenger": said}, by)

    assert consents.holds(person.pk, MESSENGER)
