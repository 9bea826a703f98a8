"""Gliederungen are created, moved, merged and closed without losing anybody."""

from datetime import timedelta

import pytest

from members.imports.places import Places
from members.imports.rules import Row
from members.models import Amt, Gliederung, Level, Onboarding, Person
from members.services import offices, tree
from members.services.imports import decide_gliederung
from members.services.organisation import create_gliederung
from members.services.tree import TreeRefused
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import AuditEvent
from tests.concurrency import at_once
from tests.world import Kind, canary, make_amt, make_newcomer, make_person


@pytest.fixture
def city(world) -> Gliederung:
    """A level between district and Ortsverein."""
    Level.objects.filter(name="Ortsverein").update(position=5)
    level = Level.objects.create(name="Stadtverband", short="SV", position=3)
    return create_gliederung("Stadt", level, world.gliederung("Region"))


def paths() -> dict[str, str]:
    """Every path written as names, which is what a path means."""
    nodes = {node.pk.hex[:12]: node.name for node in Gliederung.objects.all()}
    return {
        node.name: "/".join(nodes[part] for part in node.path.strip("/").split("/"))
        for node in Gliederung.objects.all()
    }


def test_a_move_takes_the_whole_subtree_along(world, city):
    tree.move(world.gliederung("Gehrden"), city, world.person("staff"))
    assert paths()["Gehrden"] == "Bezirk/Region/Stadt/Gehrden"

    other = create_gliederung("Nord", city.level, world.gliederung("Region"))
    city_above = Level.objects.create(name="Kreis", short="K", position=2)
    kreis = create_gliederung("Kreis", city_above, world.gliederung("Region"))
    tree.move(world.gliederung("Stadt"), kreis, world.person("staff"))

    assert paths()["Gehrden"] == "Bezirk/Region/Kreis/Stadt/Gehrden"
    assert paths()["Nord"] == "Bezirk/Region/Nord"
    assert world.gliederung("Gehrden").parent == world.gliederung("Stadt")
    assert other.path == world.gliederung("Nord").path


def test_after_a_move_rights_and_newcomers_follow_the_new_parent(world, city):
    chair = make_person("Zzstadt")
    make_amt(chair, city, Kind.ANSPRECHPERSON)
    vacant = make_newcomer("Zzneu", world.gliederung("Springe"))
    assert vacant.responsible == world.person("staff")

    tree.move(world.gliederung("Springe"), city, world.person("staff"))

    vacant.refresh_from_db()
    assert (vacant.responsible, vacant.responsible_stands_in) == (chair, True)


@pytest.mark.parametrize(
    ("node", "target", "sentence"),
    [
        ("Stadt", "Stadt", "unter sich selbst"),
        ("Gehrden", "Uetze", "Ebene passt nicht"),
        ("Region", "Stadt", "unter sich selbst"),
        ("Region", "Bezirk", "Parteigebiet"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(world, city, node, target, sentence):
    before = paths()
    with pytest.raises(TreeRefused, match=sentence):
        tree.move(world.gliederung(node), world.gliederung(target), world.person("staff"))
    assert paths() == before


def test_a_merge_takes_people_kommunen_and_children_along_and_ends_offices(world, city):
    gehrden, uetze = world.gliederung("Gehrden"), world.gliederung("Uetze")
    newcomer = world.onboarding("newcomer")

    tree.merge(gehrden, uetze, world.person("staff"))

    gehrden.refresh_from_db()
    assert (gehrden.closed_on, gehrden.successor) == (clock.today(), uetze)
    assert world.person("newcomer").gliederung == uetze
    assert {k.short_name for k in uetze.kommunen.all()} == {"Gehrden", "Uetze"}
    assert gehrden.aemter.unfinished().count() == 0
    assert world.user("ansprechperson").active_aemter == []
    newcomer.refresh_from_db()
    assert newcomer.responsible == world.person("foreign_ansprechperson")
    assert newcomer.responsible_stands_in is False
    with pytest.raises(TreeRefused, match="inzwischen in Ortsverein Uetze aufgegangen"):
        tree.merge(gehrden, uetze, world.person("staff"))


def test_children_move_in_a_merge_and_keep_their_people(world, city):
    north = create_gliederung("Nord", city.level, world.gliederung("Region"))
    leaf = create_gliederung("Mitte", world.gliederung("Gehrden").level, north)
    person = make_person("Zzmitte", leaf)

    tree.merge(north, city, world.person("staff"))

    assert paths()["Mitte"] == "Bezirk/Region/Stadt/Mitte"
    person.refresh_from_db()
    assert person.gliederung == leaf


def test_equal_names_below_two_merged_ones_are_refused_with_the_name(world, city):
    north = create_gliederung("Nord", city.level, world.gliederung("Region"))
    leaf = world.gliederung("Gehrden").level
    create_gliederung("Mitte", leaf, north)
    create_gliederung("Mitte", leaf, city)
    with pytest.raises(TreeRefused, match="„Mitte“ schon"):
        tree.merge(north, city, world.person("staff"))


def test_an_old_name_in_an_export_means_what_it_went_into(world):
    staff = world.person("staff")
    gehrden, uetze, springe = (world.gliederung(n) for n in ("Gehrden", "Uetze", "Springe"))
    tree.merge(gehrden, uetze, staff)
    tree.merge(uetze, springe, staff)  # a second merger, years later

    places = Places()
    for name in ("Gehrden", "OV Uetze", "Springe"):
        row = Row(1, {"gliederung": name}, [])
        assert (places.place(row).gliederung, row.problems) == (springe.pk, [])

    again = create_gliederung("Gehrden", springe.level, world.gliederung("Region"))
    assert Places().place(Row(1, {"gliederung": "Gehrden"}, [])).gliederung == again.pk


def test_only_an_empty_gliederung_is_closed(world):
    staff = world.person("staff")
    with pytest.raises(TreeRefused, match=r"8 Personen, 3 laufende Ämter"):
        tree.close(world.gliederung("Gehrden"), staff)
    Person.objects.filter(gliederung__name="Gehrden").exclude(family_name=canary("vorsitz")).update(
        gliederung=world.gliederung("Uetze")
    )
    with pytest.raises(TreeRefused, match=r"1 Person, 3 laufende Ämter"):
        tree.close(world.gliederung("Gehrden"), staff)

    tree.close(world.gliederung("Springe"), staff)

    assert world.gliederung("Springe").closed_on == clock.today()
    assert Places().place(Row(1, {"gliederung": "Springe"}, [])).gliederung is None
    with pytest.raises(TreeRefused, match="inzwischen geschlossen"):
        tree.move(world.gliederung("Springe"), world.gliederung("Region"), staff)
    tree.reopen(world.gliederung("Springe"), staff)
    assert world.gliederung("Springe").closed_on is None


def test_nobody_is_put_into_a_closed_gliederung(world):
    springe = world.gliederung("Springe")
    person = make_person("Zzoffen", None, open_question="ortsverein")
    tree.close(springe, world.person("staff"))
    with pytest.raises(DomainError, match="gibt es nicht mehr"):
        decide_gliederung(person, springe, world.person("staff"))
    grant = offices.Grant(person, springe, Kind.VORSITZ, clock.today())
    with pytest.raises(offices.OfficeRefused, match="geschlossen"):
        offices.give(grant, world.person("staff"))


def test_the_log_holds_names_of_fields_and_no_values(world, client_as):
    client = client_as("staff")
    gehrden = world.gliederung("Gehrden")
    data = {"name": "Zzgeheim", "level": gehrden.level_id, "kommunen": []}
    client.post(f"/verwaltung/gliederungen/{gehrden.pk}/", data)
    event = AuditEvent.objects.get(code="gliederung.changed")
    assert (event.fields, event.subject) == (["kommunen", "name"], gehrden.pk)
    assert event.actor == world.person("staff").pk


# --- At the same moment --------------------------------------------------------------------------


def test_an_office_given_during_a_merge_ends_with_it_or_is_refused(live_world):
    staff, gehrden, uetze = (
        live_world.person("staff"),
        live_world.gliederung("Gehrden"),
        live_world.gliederung("Uetze"),
    )
    person = make_person("Zzneu", gehrden)
    grant = offices.Grant(
        person,
        gehrden,
        Kind.STELLVERTRETUNG,
        clock.today(),
        pledged_on=clock.today(),
        trained_on=clock.today(),
    )
    refused = []

    def give() -> None:
        try:
            offices.give(grant, staff)
        except offices.OfficeRefused:
            refused.append(True)

    at_once(lambda: tree.merge(gehrden, uetze, staff), give)

    assert Amt.objects.unfinished().filter(gliederung=gehrden).count() == 0
    given = Amt.objects.filter(person=person).count()
    assert (given, len(refused)) in ((1, 0), (0, 1))


def test_two_moves_at_once_leave_paths_that_fit_the_parents(live_world):
    Level.objects.filter(name="Ortsverein").update(position=5)
    level = Level.objects.create(name="Stadtverband", short="SV", position=3)
    region, staff = live_world.gliederung("Region"), live_world.person("staff")
    one, two = (create_gliederung(name, level, region) for name in ("Eins", "Zwei"))
    upper = create_gliederung(
        "Kreis", Level.objects.create(name="Kreis", short="K", position=2), region
    )
    gehrden = live_world.gliederung("Gehrden")
    tree.move(gehrden, one, staff)

    at_once(
        lambda: tree.move(live_world.gliederung("Gehrden"), two, staff),
        lambda: tree.move(live_world.gliederung("Eins"), upper, staff),
        lambda: tree.move(live_world.gliederung("Zwei"), upper, staff),
    )

    for node in Gliederung.objects.select_related("parent"):
        assert node.path == node.path_below(node.parent), node.name


def test_two_changes_of_offices_leave_nobody_with_an_ended_contact(live_world):
    staff, gehrden = live_world.person("staff"), live_world.gliederung("Gehrden")
    today = clock.today()
    next_one = make_person("Zznachfolge", gehrden)
    grant = offices.Grant(
        next_one,
        gehrden,
        Kind.STELLVERTRETUNG,
        today - timedelta(days=1),
        pledged_on=today,
        trained_on=today,
    )
    contact = Amt.objects.get(person=live_world.person("ansprechperson"))
    deputy = Amt.objects.get(person=live_world.person("deputy"))

    at_once(
        lambda: offices.end_now(contact, staff),
        lambda: offices.end_now(deputy, staff),
        lambda: offices.give(grant, staff),
    )

    found = Onboarding.objects.filter(person__gliederung=gehrden)
    assert {onboarding.responsible_id for onboarding in found} == {next_one.pk}
