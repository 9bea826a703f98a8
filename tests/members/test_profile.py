"""„Über mich“: one question a page, and nothing else changes."""

import pytest
from django.core import serializers
from django.urls import reverse

from members.models import Membership, Onboarding, Person, PhoneAnswer, Topic
from members.services import about_me, answers
from members.services.matching_world import WHOLE, load_worlds
from members.services.reference import MESSENGER
from portal.common import consents
from portal.common.models import AuditEvent, Consent

SAID = {
    "interessen": {"topics": ["wohnen"], "own_interest": "Stadtbäume"},
    "wie-aktiv": {"wish": "active"},
    "freie-zeiten": {"availability": ["mo-abend", "wochenende"]},
    "zeit": {"time_budget": "two"},
    "koennen": {"skills": ["kochen", "reden"]},
    "sprachen": {"languages": ["de", "tr"]},
    "mentoring": {"mentor": "nein"},
    "wer-anruft": {"prefers_flinta": "ja"},
}


def url(slug):
    return reverse("members:about_section", args=[slug])


@pytest.fixture
def topic(world):
    return Topic.objects.get_or_create(code="wohnen", defaults={"name": "Wohnen"})[0]


def test_every_question_is_asked_on_a_page_and_can_be_said_by_phone(world):
    codes = {code for section in about_me.SECTIONS for code in section.codes}
    pages = {answer.code: answer.pages for answer in answers.all_answers()}
    assert set(SAID) == set(about_me.BY_SLUG)
    assert {code for code, places in pages.items() if "members:about_section" in places} == codes


def test_a_person_says_everything_alone(world, client_as, topic):
    client = client_as("newcomer")
    for slug, data in SAID.items():
        assert client.post(url(slug), data).status_code == 302
    person = world.person("newcomer")
    assert [entry.code for entry in person.topics.all()] == ["wohnen"]
    assert (person.own_interest, person.wish, person.time_budget) == (
        "Stadtbäume",
        "active",
        "two",
    )
    assert person.availability == ["mo-abend", "wochenende"]
    assert person.skills == ["kochen", "reden"]
    assert person.languages == ["de", "tr"]
    assert world.onboarding("newcomer").wants_mentor is False
    assert PhoneAnswer.objects.count() == 0
    page = client.get(reverse("members:about_me")).content.decode()
    for words in ("Stadtbäume", "kochen und backen", "Türkisch", "2 Stunden im Monat"):
        assert words in page


def test_the_same_is_said_on_the_phone(world, client_as, topic):
    person, by = world.person("newcomer"), world.person("ansprechperson")
    said = {code: value for data in SAID.values() for code, value in data.items()}
    now = {entry.answer.code: entry.current for entry in answers.asked_of(person)}
    asked = client_as("ansprechperson").get(reverse("members:by_phone", args=[person.pk]))
    assert set(said) <= set(asked.context["form"].fields)

    client_as("ansprechperson").post(reverse("members:by_phone", args=[person.pk]), {**now, **said})

    person.refresh_from_db()
    assert (person.skills, person.wish) == (["kochen", "reden"], "active")
    entered = set(PhoneAnswer.objects.values_list("code", "entered_by"))
    assert entered == {(code, by.pk) for code in said}


def test_saying_the_same_in_another_order_is_no_change(world):
    person, by = world.person("newcomer"), world.person("ansprechperson")
    answers.enter(person, {"skills": ["reden", "kochen"]}, by)
    assert answers.enter(person, {"skills": ["kochen", "reden"]}, by) == []


def everything_consented():
    return serializers.serialize("json", Consent.objects.order_by("pk"))


@pytest.mark.parametrize("given", [True, False])
def test_no_page_about_me_changes_a_consent(given, world, client_as, topic):
    person = world.person("newcomer")
    consents.give(person.pk, MESSENGER, "de", Consent.Channel.ONLINE, person.pk)
    if not given:
        consents.withdraw(person.pk, MESSENGER, person.pk)
    before = everything_consented()
    assert before != "[]"
    client = client_as("newcomer")
    smuggled = {MESSENGER: "nein" if given else "ja", "answer": "no" if given else "yes"}
    for slug, data in SAID.items():
        client.post(url(slug), data | smuggled)
    own = {"preferred_channel": "letter", "language": "en"}
    client.post(reverse("members:profile"), own | smuggled)
    client.post(reverse("members:rather_write"), {"weg": "phone"} | smuggled)
    client.post(reverse("members:my_mail"), smuggled)
    Person.objects.filter(pk=person.pk).update(availability=["schicht"])
    client.post(reverse("members:my_shifts"), smuggled)
    assert everything_consented() == before


def test_one_section_never_clears_another(world, client_as):
    Person.objects.filter(pk=world.person("newcomer").pk).update(skills=["reden"], wish="active")
    client_as("newcomer").post(url("zeit"), {"time_budget": "two", "wish": "supporting"})
    person = world.person("newcomer")
    assert (person.skills, person.wish, person.time_budget) == (["reden"], "active", "two")


def test_a_topic_that_is_not_offered_any_more_stays_with_who_chose_it(world, client_as, topic):
    Topic.objects.filter(pk=topic.pk).update(is_offered=False)
    world.person("newcomer").topics.add(topic)
    seen = {
        role: f'value="{topic.code}"' in client_as(role).get(url("interessen")).content.decode()
        for role in ("newcomer", "other_newcomer")
    }
    assert seen == {"newcomer": True, "other_newcomer": False}
    client_as("newcomer").post(url("interessen"), {"topics": [topic.code]})
    assert world.person("newcomer").topics.get() == topic
    refused = client_as("other_newcomer").post(url("interessen"), {"topics": [topic.code]})
    assert refused.status_code == 200
    assert world.person("other_newcomer").topics.count() == 0


def test_too_long_a_topic_of_ones_own_is_refused_in_words_and_nothing_is_lost(world, client_as):
    page = client_as("newcomer").post(url("interessen"), {"own_interest": "x" * 81})
    assert page.status_code == 200
    assert "höchstens 80" in page.content.decode()
    assert "x" * 81 in page.content.decode()
    assert world.person("newcomer").own_interest == ""


def test_a_minor_is_asked_nothing_more(world, client_as):
    asked = []
    for adult_on in (None, "2099-01-01"):
        Person.objects.filter(pk=world.person("newcomer").pk).update(adult_on=adult_on)
        asked.append([entry.answer.code for entry in answers.asked_of(world.person("newcomer"))])
    # On paper, and told by whoever has it in hand (R15).
    assert [code for code in asked[1] if code != "guardian"] == [
        code for code in asked[0] if code != "mentor_offer"
    ]


def test_the_log_names_questions_and_no_answers(world, client_as):
    client_as("newcomer").post(url("koennen"), {"skills": ["kochen"]})
    event = AuditEvent.objects.get(code="person.changed_self")
    person = world.person("newcomer")
    assert (event.actor, event.subject, event.fields) == (person.pk, person.pk, ["skills"])


@pytest.mark.parametrize(
    "change", [{"mentoring": {"mentor": "nein"}}, {"wie-aktiv": {"wish": "supporting"}}]
)
def test_no_mentor_and_only_supporting_leave_the_run_and_the_figure(change, world, client_as):
    def waiting():
        (found,) = load_worlds(None, [WHOLE])
        return world.person("newcomer").pk in found.onboardings

    def listed():
        page = client_as("staff").get(reverse("members:newcomers"), {"liste": "ohne-mentor"})
        return world.person("newcomer").full_name in page.content.decode()

    assert (waiting(), listed()) == (True, True)
    for slug, data in change.items():
        client_as("newcomer").post(url(slug), data)
    assert (waiting(), listed()) == (False, False)


def test_rather_write_is_one_tap_and_back(world, client_as):
    client, seen = client_as("newcomer"), []
    for way in ("email", "phone"):
        client.post(reverse("members:rather_write"), {"weg": way})
        seen.append(world.person("newcomer").preferred_channel)
    assert seen == ["email", "phone"]


def test_a_former_member_without_onboarding_is_not_asked_about_mentors(world, client_as):
    Onboarding.objects.filter(person=world.person("newcomer")).delete()
    assert client_as("newcomer").get(url("mentoring")).status_code == 404
    assert Membership.objects.filter(person=world.person("newcomer")).exists()
