"""*Mein Start* has one next step: a broken promise first, then one question at a time."""

from datetime import timedelta

import pytest
from django.urls import reverse

from members.models import Onboarding, Person
from members.services import about_me
from portal.common import clock

FULL = {
    "own_interest": "Bäume",
    "wish": "active",
    "availability": ["wochenende"],
    "time_budget": "two",
    "skills": ["reden"],
    "languages": ["de"],
}


def step(client_as):
    context = client_as("newcomer").get(reverse("dashboards:mein_start")).context
    question = context["step"].question
    return context["step"].code, question and question.slug


def told(world, **values):
    Person.objects.filter(pk=world.person("newcomer").pk).update(**values)


def test_an_empty_page_asks_where_to_begin_and_then_one_fact_at_a_time(world, client_as):
    told(world, languages=[])
    seen = [step(client_as)]
    for name, value in FULL.items():
        told(world, **{name: value})
        seen.append(step(client_as))
    assert seen == [
        ("anfangen", "interessen"),
        ("frage", "wie-aktiv"),
        ("frage", "freie-zeiten"),
        ("frage", "zeit"),
        ("frage", "koennen"),
        ("frage", "sprachen"),
        ("mitmachen", None),
    ]


def test_whoever_only_supports_is_asked_nothing_more(world, client_as):
    told(world, wish="supporting")
    assert step(client_as) == ("foerdern", None)


def test_a_promise_that_was_not_kept_goes_first(world, client_as):
    late = clock.today() - timedelta(days=15)
    Onboarding.objects.filter(person=world.person("newcomer")).update(arrived_on=late)
    assert step(client_as) == ("niemand", None)
    client_as("newcomer").post(reverse("dashboards:nobody_called"))
    assert step(client_as) == ("anfangen", "interessen")


@pytest.mark.parametrize("code", ["anfangen", "niemand", "foerdern"])
def test_there_is_at_most_one_main_button(code, world, client_as):
    values = {"languages": []} if code == "anfangen" else {}
    told(world, wish="supporting" if code == "foerdern" else "", **values)
    if code == "niemand":
        late = clock.today() - timedelta(days=15)
        Onboarding.objects.filter(person=world.person("newcomer")).update(arrived_on=late)
    assert step(client_as)[0] == code
    body = client_as("newcomer").get(reverse("dashboards:mein_start")).content.decode()
    assert body.count("btn-main") == (0 if code == "foerdern" else 1)


def test_the_way_they_hear_from_each_other_is_said(world, client_as):
    seen = {}
    for channel in Person.Channel.values:
        told(world, preferred_channel=channel)
        page = client_as("newcomer").get(reverse("dashboards:mein_start"))
        seen[channel] = page.context["words"].said[f"weg_{channel}"] in page.content.decode()
    assert seen == dict.fromkeys(Person.Channel.values, True)


def test_the_own_pages_are_one_tap_away(client_as):
    body = client_as("newcomer").get(reverse("dashboards:mein_start")).content.decode()
    for name in ("about_me", "my_data", "my_mail"):
        assert f'href="{reverse(f"members:{name}")}"' in body


def test_every_question_has_its_words_on_the_start_page(world, client_as):
    said = client_as("newcomer").get(reverse("dashboards:mein_start")).context["words"].said
    asked = {f"frage_{section.slug}" for section in about_me.SECTIONS} - {"frage_mentoring"}
    assert asked - set(said) == set()
