"""Who may see whom: the one definition, row by row."""

import uuid
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from members.models import Amt, Gliederung, Milestone, Onboarding, Person, Wave
from members.queries import newcomers
from members.services import exits, onboarding, welcome
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from tests.world import CAST, canary, make_newcomer, make_person

GEHRDEN = {"newcomer", "other_newcomer"}


def names(queryset):
    roles = {canary(role): role for role in CAST}
    return {roles[p.family_name] for p in queryset if p.family_name in roles}


@pytest.mark.parametrize(
    ("role", "others"),
    [
        ("newcomer", set()),
        ("member", set()),
        ("mentor", set()),
        ("ansprechperson", GEHRDEN),
        ("deputy", GEHRDEN),
        ("vorsitz", GEHRDEN),
        ("foreign_ansprechperson", {"foreign_newcomer"}),
        ("coordinator", set()),
        ("bezirk", set()),
        ("ex_officer", set()),
        ("staff_without_mfa", set()),
        ("staff", set(CAST)),
    ],
)
def test_everybody_sees_themselves_and_whom_their_office_is_for(world, role, others):
    assert names(Person.objects.visible_to(world.user(role))) == others | {role}


def test_nobody_sees_anybody_without_signing_in(world):
    from django.contrib.auth.models import AnonymousUser

    assert Person.objects.visible_to(AnonymousUser()).count() == 0


def test_a_contact_does_not_see_ordinary_members_of_the_own_ortsverein(world):
    assert "member" not in names(Person.objects.visible_to(world.user("ansprechperson")))


def test_people_without_ortsverein_are_seen_by_the_office_only(world):
    lost = make_person("Zzlost", None)
    seers = [r for r in CAST if lost in Person.objects.visible_to(world.user(r))]
    assert seers == ["staff"]


def test_an_office_above_reaches_down_and_one_beside_does_not(world):
    staff = world.user("staff")
    assert {g.name for g in Gliederung.objects.where(staff, can="people.view")} == {
        "Region",
        "Gehrden",
        "Uetze",
        "Linden-Limmer",
        "Döhren-Wülfel",
        "Springe",
    }


def test_rights_end_with_the_office_on_the_next_request(world, client_as):
    client = client_as("ansprechperson")
    url = f"/neumitglieder/{world.onboarding('newcomer').pk}/"
    assert client.get(url).status_code == 200
    Amt.objects.filter(person=world.person("ansprechperson")).update(
        ende=clock.today() - timedelta(days=1)
    )
    assert client.get(url).status_code == 404


def test_leaving_the_party_ends_every_office_and_hands_the_newcomers_on(world, client_as):
    client = client_as("ansprechperson")
    url = f"/neumitglieder/{world.onboarding('newcomer').pk}/"
    contact = world.person("ansprechperson")
    contact.memberships.update(left_on=clock.today())
    exits.end_memberships(clock.today())
    assert client.get(url).status_code == 404
    assert world.onboarding("newcomer").responsible == world.person("deputy")


def test_whoever_left_is_no_longer_seen_by_volunteers(world, client_as):
    onboarding = world.onboarding("newcomer")
    onboarding.person.memberships.update(left_on=clock.today())
    exits.end_memberships(clock.today())
    url = f"/neumitglieder/{onboarding.pk}/"
    assert client_as("ansprechperson").get(url).status_code == 404
    assert client_as("staff").get(url).status_code == 200


def test_a_local_office_does_not_reach_the_districts_pages(world, client_as):
    Amt.objects.filter(person=world.person("staff")).update(gliederung=world.gliederung("Gehrden"))
    client = client_as("staff")
    for url in ("/uebersicht/", "/import/", "/zuordnen/", "/mentoring/"):
        assert client.get(url).status_code == 403, url
    assert "Zzforeignnewcomer" not in client.get("/neumitglieder/").content.decode()


def test_without_second_factor_an_office_grants_nothing(world):
    user = world.user("ansprechperson")
    Authenticator.objects.filter(user=user).delete()
    assert names(Person.objects.visible_to(world.user("ansprechperson"))) == {"ansprechperson"}


def test_a_capability_that_does_not_exist_is_an_error_not_a_denial(world):
    with pytest.raises(KeyError):
        world.user("staff").can("people.veiw")


@pytest.mark.parametrize("code", list(newcomers.LISTS))
def test_no_list_shows_a_foreign_newcomer(world, code):
    _in_every_situation(world)
    assert newcomers.newcomers(world.user("staff"), code).count() >= 1
    found = newcomers.newcomers(world.user("ansprechperson"), code)
    assert {o.person.family_name for o in found} <= {canary(role) for role in GEHRDEN}


def _in_every_situation(world):
    """Newcomers of Uetze who together stand in every list, so that each could leak."""
    foreign = world.onboarding("foreign_newcomer")
    onboarding.ask_for_call(foreign)
    foreign.milestones.filter(position=2).update(due_on=clock.today() - timedelta(days=1))
    Onboarding.objects.filter(pk=foreign.pk).update(responsible_stands_in=True)
    onboarding.settle(world.onboarding("foreign_newcomer"))
    reached = make_newcomer("Zzreached", world.gliederung("Uetze"), email="")
    talk = onboarding.Talk("call", "reached", uuid.uuid4())
    onboarding.log_contact(reached, world.person("foreign_ansprechperson"), talk)
    given_up = make_newcomer("Zzgivenup", world.gliederung("Uetze"))
    given_up.milestones.filter(position=1).update(state=Milestone.State.UNREACHED)
    _in_a_wave(make_newcomer("Zzagain", world.gliederung("Uetze")), world)
    welcome.queue_welcomes([foreign, reached])
    OutgoingMail.objects.filter(channel="mail").update(state="failed")


def _in_a_wave(arrival, world):
    wave = Wave.objects.create(
        name="Herbst",
        gliederung=world.gliederung("Uetze"),
        template=arrival.template,
        way=Wave.Way.CALL,
        months_without_contact=12,
        created_at=clock.now(),
    )
    Onboarding.objects.filter(pk=arrival.pk).update(wave=wave)


def test_search_finds_names_without_umlauts_and_in_any_order(world):
    make_person("Böhm-Łukasz", world.gliederung("Gehrden"), given_name="Jörg")
    for words in ("boehm", "joerg böhm", "LUKASZ"):
        assert Person.objects.matching(words).count() == 1, words


@pytest.mark.parametrize("role", list(CAST))
def test_who_sees_another_person_sees_the_onboarding_and_nobody_else(world, role):
    user = world.user(role)
    closed = make_newcomer("Zzclosed", world.gliederung("Gehrden"))
    onboarding.close([closed.person])
    people = Person.objects.visible_to(user).exclude(pk=user.person_id)
    seen = Onboarding.objects.visible_to(user)
    assert set(seen) == set(Onboarding.objects.filter(person__in=people))
