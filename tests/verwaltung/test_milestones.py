"""Staff change what is promised; what is promised already stays as it was."""

import json

import pytest
from django.core import serializers
from django.urls import reverse

from members.models import Milestone, MilestoneTemplate, Onboarding, Step
from members.services import onboarding as service
from members.services.reference import load_reference
from portal.common import clock
from portal.common.models import AuditEvent
from tests.world import make_newcomer, make_person

NEW_STEP = {
    "title": "Kaffee trinken",
    "kind": "contact",
    "opens": "0",
    "due": "2",
    "responsible": "vorsitz",
    "explanation": "Ihr lernt euch kennen.",
    "place": "2",
}


def standard():
    return MilestoneTemplate.objects.get(code="1-3-6")


def page_of(template):
    return reverse("dashboards:verwaltung_edit", args=["meilensteine", template.pk])


def as_is(client, template):
    """What the page would post if nobody changed anything."""
    form = client.get(page_of(template)).context["form"]
    data = {}
    for field in form:
        value = field.value()
        if value is True:
            data[field.html_name] = "on"
        elif value is not None and value is not False:
            data[field.html_name] = value
    return data


def steps(template):
    return list(template.steps.values_list("code", "opens_after_months", "due_after_months"))


def change(client, template, **changed):
    data = as_is(client, template) | {key.replace("__", "-"): v for key, v in changed.items()}
    return client.post(page_of(template), data)


def test_nothing_changed_is_nothing_changed(client_as):
    client, template = client_as("staff"), standard()
    before = list(template.steps.values())
    assert change(client, template).status_code == 302
    assert list(template.steps.values()) == before
    assert AuditEvent.objects.filter(code="template.changed").count() == 0


def test_changing_everything_leaves_running_onboardings_byte_for_byte(world, client_as):
    arrival = make_newcomer("Neu", world.gliederung("Gehrden"))

    def picture():
        rows = [*Milestone.objects.order_by("pk"), *Onboarding.objects.order_by("pk")]
        return serializers.serialize("json", rows).encode()

    before, client, template = picture(), client_as("staff"), standard()
    change(
        client,
        template,
        **{
            "name": "Ganz anders",
            "schritt-erstkontakt-title": "Hallo",
            "schritt-erstkontakt-due": "5",
            "schritt-parteibuch-place": "weg",
            "schritt-zweitkontakt-responsible": "vorsitz",
        },
        **{f"neu-1-{key}": value for key, value in NEW_STEP.items()},
    )

    assert [step.title for step in template.steps.all()] == [
        "Hallo",
        "Kaffee trinken",
        "Zweites Gespräch",
    ]
    assert picture() == before
    newer = make_newcomer("Neuer", world.gliederung("Gehrden"))
    assert [m.title for m in newer.milestones.all()] == [
        "Hallo",
        "Kaffee trinken",
        "Zweites Gespräch",
    ]
    assert newer.milestones.last().responsible == "vorsitz"
    assert arrival.milestones.count() == 3
    event = AuditEvent.objects.get(code="template.changed")
    assert "schritt-erstkontakt-title" in event.fields
    assert "Hallo" not in json.dumps(event.fields)


def test_loading_the_reference_again_keeps_what_staff_made_of_it(client_as):
    client, template = client_as("staff"), standard()
    change(client, template, **{"schritt-parteibuch-place": "weg"})
    load_reference()
    assert [code for code, *_ in steps(template)] == ["erstkontakt", "zweitkontakt"]


@pytest.mark.parametrize(
    ("place", "order"),
    [
        ("1", "zweitkontakt erstkontakt parteibuch"),
        ("2", "erstkontakt zweitkontakt parteibuch"),
    ],
)
def test_a_step_moves_up_to_the_place_that_was_chosen(client_as, place, order):
    client, template = client_as("staff"), standard()
    change(client, template, **{"schritt-zweitkontakt-place": place})
    assert [code for code, *_ in steps(template)] == order.split()


def test_a_step_moves_down_behind_the_one_that_was_there(client_as):
    client, template = client_as("staff"), standard()
    change(client, template, **{"schritt-parteibuch-place": "3"})
    assert [code for code, *_ in steps(template)] == ["erstkontakt", "zweitkontakt", "parteibuch"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"schritt-zweitkontakt-due": "3"}, "„Zweites Gespräch“ wäre fällig, bevor es zählt."),
        ({"schritt-zweitkontakt-opens": "6"}, "„Zweites Gespräch“ wäre fällig, bevor es zählt."),
        (
            {f"schritt-{c}-place": "weg" for c in ("erstkontakt", "parteibuch", "zweitkontakt")},
            "Eine Vorlage braucht mindestens einen Schritt.",
        ),
        ({"schritt-erstkontakt-place": "3"}, "Der erste Schritt ist immer ein Gespräch."),
        ({"name": "wieder anschluss finden"}, "So heißt schon eine andere Vorlage."),
        ({"is_offered": ""}, "Mit dieser Vorlage beginnen alle Neumitglieder."),
        ({"schritt-erstkontakt-due": "37"}, "36"),
        ({"schritt-erstkontakt-due": "bald"}, "ganze Zahl"),
        ({"schritt-erstkontakt-title": ""}, "Bitte ausfüllen."),
        ({"neu-1-title": "Halb"}, "Bitte ausfüllen."),
        ({"schritt-erstkontakt-kind": "tanz"}, "tanz"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_saved(client_as, changed, sentence):
    client, template = client_as("staff"), standard()
    before = list(template.steps.values())
    answer = change(client, template, **changed)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    template.refresh_from_db()
    assert (list(template.steps.values()), template.name) == (before, "1-3-6-Standard")


def test_a_new_template_gets_codes_of_its_own(world, client_as):
    client = client_as("staff")
    data = {"name": "Für Gäste", "is_offered": "on"}
    data |= {f"neu-1-{key}": value for key, value in (NEW_STEP | {"place": "1"}).items()}
    data |= {f"neu-2-{key}": value for key, value in (NEW_STEP | {"place": "2"}).items()}
    data |= {"neu-3-kind": "contact", "neu-3-responsible": "vorsitz", "neu-3-place": "3"}
    client.post(reverse("dashboards:verwaltung_new", args=["meilensteine"]), data)

    template = MilestoneTemplate.objects.get(name="Für Gäste")
    assert template.code == "fuer-gaeste"
    assert steps(template) == [("kaffee-trinken", 0, 2), ("kaffee-trinken-2", 0, 2)]


def test_the_way_back_is_shipped_and_counts_from_today(world):
    person = make_person("Lange", world.gliederung("Gehrden"))
    [again] = service.start_many([service.Arrival(person, clock.today())], "wieder-anschluss")
    kinds = [milestone.kind for milestone in again.milestones.all()]
    assert kinds == [Step.Kind.CONTACT, Step.Kind.CONTACT]
    assert (again.started_on, again.data_delay_days) == (clock.today(), 0)
    assert all(not milestone.is_late_data for milestone in again.milestones.all())
    assert again.next_due_on == again.milestones.first().due_on
