"""„Lieber eine Frau oder FLINTA*-Person“ is a hard condition, and nobody is asked why (R13)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from members.models import Absence, Onboarding, Person
from members.queries import reminders
from members.queries.calls import heute
from members.services import answers, assignments, mentoring, profile
from members.services.matching_world import WHOLE, load_worlds
from members.services.onboarding import find_missing_responsibles
from portal.common import clock
from portal.common.errors import DomainError
from tests.world import make_mentor


def wish(world, role="newcomer", value="ja"):
    person = Person.objects.get(pk=world.person(role).pk)
    answers.answer_alone(person, {"prefers_flinta": value}, ("prefers_flinta",))
    return Onboarding.objects.get(person=person)


def declare(world, role):
    user = world.user(role)
    profile.choose_shown_phone(user, "office", is_flinta=True)
    return user.person


def test_the_wish_moves_the_newcomer_to_somebody_who_fits_and_back(world):
    deputy = declare(world, "deputy")
    assert wish(world).responsible == deputy
    assert wish(world, value="nein").responsible == world.person("ansprechperson")


def test_where_nobody_fits_the_office_has_to_find_somebody(world):
    onboarding = wish(world)
    assert onboarding.responsible in (world.person("staff"), world.person("staff_without_mfa"))
    assert onboarding.responsible_stands_in is True
    vorsitz = declare(world, "vorsitz")
    onboarding.refresh_from_db()
    assert onboarding.responsible == vorsitz


def test_handing_on_and_sharing_out_keep_the_condition(world):
    deputy, vorsitz = declare(world, "deputy"), declare(world, "vorsitz")
    onboarding = wish(world)
    assert assignments.hand_on(onboarding, deputy) == vorsitz
    chosen = Onboarding.objects.filter(pk=onboarding.pk)
    with pytest.raises(DomainError, match="niemand"):
        assignments.share_out(chosen, [world.person("ansprechperson").pk], world.person("staff"))
    find_missing_responsibles()
    onboarding.refresh_from_db()
    assert onboarding.responsible == vorsitz


def test_who_said_nothing_stays_with_the_ansprechperson(world):
    declare(world, "deputy")
    find_missing_responsibles()
    others = Onboarding.objects.filter(
        person__prefers_flinta=False, person__gliederung__name="Gehrden"
    )
    assert {one.responsible for one in others} == {world.person("ansprechperson")}


def test_the_call_sheet_says_it_and_no_office_holder_s_word_is_shown(world, client_as):
    declare(world, "deputy")
    onboarding = wish(world)
    url = reverse("members:newcomer", args=[onboarding.pk])
    assert "einer Frau oder FLINTA*-Person" in client_as("deputy").get(url).content.decode()
    own = client_as("newcomer").get(reverse("dashboards:mein_start")).content.decode()
    assert "FLINTA" not in own
    page = client_as("deputy").get(reverse("members:profile")).content.decode()
    assert 'name="is_flinta" class="checkboxinput form-check-input" ' in page


def test_a_mentor_who_does_not_fit_is_never_proposed(world):
    mentor = make_mentor("Pate", world.gliederung("Gehrden")).person
    wish(world)
    newcomer = world.person("newcomer").pk
    assert newcomer not in matched(world)
    Person.objects.filter(pk=mentor.pk).update(is_flinta=True)
    assert newcomer in matched(world)


def matched(world):
    """Who could get a mentor if they were the only one waiting."""
    (found,), pk = load_worlds(None, [WHOLE]), world.person("newcomer").pk
    alone = replace(found, newcomers=[n for n in found.newcomers if n.id == pk])
    return {pair.newcomer for pair in mentoring.solve(alone).result.pairs}


def test_who_asks_why_nobody_called_is_not_handed_to_somebody_who_does_not_fit(world):
    deputy = declare(world, "deputy")
    onboarding = wish(world)
    assert onboarding.responsible == deputy
    Onboarding.objects.filter(pk=onboarding.pk).update(asked_for_call_at=clock.now())

    def asked(role):
        return onboarding in heute(world.user(role)).calls

    assert asked("deputy")
    assert not asked("ansprechperson")
    told = named(onboarding)
    assert world.person("ansprechperson").pk not in {who for who, role in told if role == "asked"}
    wish(world, value="nein")
    assert asked("ansprechperson")


def named(onboarding):
    rows = "select recipient, role from told where onboarding_id = %(one)s"
    values = reminders.parameters(clock.today()) | {"one": str(onboarding.pk)}
    with connection.cursor() as cursor:
        cursor.execute(reminders.TOLD + rows, values)
        return set(cursor.fetchall())


def test_the_ladder_knows_the_condition_even_if_the_responsible_one_is_away(world):
    deputy = declare(world, "deputy")
    onboarding = wish(world)
    Absence.objects.create(
        person=deputy, first_day=clock.today(), last_day=clock.today() + timedelta(days=9)
    )
    own = {who for who, role in named(onboarding) if role == "own"}
    assert own
    assert own <= {world.person("staff").pk, world.person("staff_without_mfa").pk}
