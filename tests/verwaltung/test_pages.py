"""Every section through the pages: search, prefill, history, refusals where they belong."""

import re

import pytest
from django.urls import reverse

from members.models import Amt, District, Kommune, Person, Topic
from members.services.welcome import queue_welcomes
from portal.common import clock, verwaltung
from portal.common.models import AuditEvent
from portal.common.outbox.models import OutgoingMail
from tests.world import Kind, canary, make_amt, make_newcomer, make_person


@pytest.fixture
def staff(client_as):
    return client_as("staff")


def body(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00ad", ""))


def new(section: str) -> str:
    return reverse("dashboards:verwaltung_new", args=[section])


def edit(section: str, row) -> str:
    return reverse("dashboards:verwaltung_edit", args=[section, row.pk])


def verb(section: str, row, action: str) -> str:
    return reverse("dashboards:verwaltung_action", args=[section, row.pk, action])


def office(world, **values) -> dict:
    today = clock.today().isoformat()
    return {
        "kind": Kind.ANSPRECHPERSON,
        "gliederung": world.gliederung("Springe").pk,
        "beginn": today,
        "pledged_on": today,
        "trained_on": today,
        "shown_phone": "office",
    } | values


def test_the_hub_leads_to_every_section_and_card(world, staff):
    page = body(staff.get(reverse("dashboards:verwaltung")))
    for section in verwaltung.sections():
        if not section.list_url:
            assert reverse("dashboards:verwaltung_list", args=[section.code]) in page
    mine = [card for card in verwaltung.cards() if card.may(world.user("staff"))]
    assert len(verwaltung.cards()) - len(mine) == 1  # the Protokoll is not the office's
    for card in mine:
        assert reverse(card.url) in page


def test_an_unknown_section_row_or_verb_is_not_found(world, staff):
    gehrden = world.gliederung("Gehrden")
    for path in (
        "/verwaltung/nichts/",
        "/verwaltung/gliederungen/00000000-0000-4000-8000-000000000000/",
        f"/verwaltung/gliederungen/{gehrden.pk}/sprengen/",
        "/verwaltung/einstellungen/neu/",
        f"/verwaltung/gliederungen/{world.gliederung('Bezirk').pk}/",
    ):
        assert staff.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("section", "words", "shown", "hidden"),
    [
        ("gliederungen", "linden", "Linden-Limmer", "Uetze"),
        ("aemter", "zzvorsitz", "Zzvorsitz", "Zzdeputy"),
        ("aemter", "zzvors geh", "Zzvorsitz", "Zzdeputy"),
        ("kommunen", "30989", "Gehrden", "Uetze"),
        ("themen", "klima", "Klima", "Wohnen"),
        ("themen", "%", "Nichts gefunden", "Klima"),
    ],
)
def test_lists_are_searched(world, staff, section, words, shown, hidden):
    page = body(staff.get(f"/verwaltung/{section}/", {"q": words}))
    assert (shown in page, hidden in page) == (True, False)


def test_a_new_gliederung_leads_on_to_its_ansprechperson(world, staff):
    level = world.gliederung("Gehrden").level
    data = {"name": " Neu  dorf ", "level": level.pk, "parent": world.district.gliederung.pk}
    page = staff.post(new("gliederungen"), data, follow=True)
    node = world.gliederung("Neu dorf")
    assert f"gliederung={node.pk}&amp;kind=ansprechperson" in body(page)
    again = staff.post(new("gliederungen"), data)
    assert "gibt es „Neu dorf“ schon" in body(again)


def test_the_form_of_an_office_finds_the_person_by_name(world, staff):
    person = make_person("Zzneu", given_name="Ada")
    staff.post(new("aemter"), office(world, who="ada zzneu"))
    assert Amt.objects.active().get(gliederung__name="Springe").person == person


def test_of_several_with_one_name_one_is_chosen(world, staff):
    make_person("Zzneu", given_name="Ada")
    second = make_person("Zzneu", world.gliederung("Uetze"), given_name="Ada")
    page = body(staff.post(new("aemter"), office(world, who="Zzneu Ada")))
    assert ("Ada Zzneu · ohne Gliederung" in page, "Ada Zzneu · Uetze" in page) == (True, True)
    assert ("Bitte wähle die Person aus." in page, str(second.pk) in page) == (True, True)
    staff.post(new("aemter"), office(world, who="Zzneu Ada", person=second.pk))
    assert Amt.objects.get(gliederung__name="Springe").person == second


def test_whoever_is_missing_is_entered_and_led_on_to_office_and_access(world, staff):
    page = body(staff.post(new("aemter"), office(world, who="Ada Maria Zzneu")))
    link = "/verwaltung/personen/neu/?given_name=Ada+Maria&amp;family_name=Zzneu"
    assert f'href="{link}"' in page
    data = {"family_name": "Zzneu", "preferred_channel": "phone", "language": "de"}
    page = body(staff.post(new("personen"), data, follow=True))
    person = Person.objects.get(family_name="Zzneu")
    assert f"/verwaltung/aemter/neu/?person={person.pk}" in page
    assert f"/personen/{person.pk}/zugang/" in page


def test_an_office_that_opens_nothing_leads_to_person_and_access(world, staff):
    amt = make_amt(make_person("Zzohne"), world.gliederung("Springe"), Kind.VORSITZ)
    page = body(staff.get(f"/verwaltung/aemter/{amt.pk}/"))
    assert f'<a href="/personen/{amt.person_id}/">' in page
    assert f'<a href="/personen/{amt.person_id}/zugang/">Einladung schicken</a>' in page


def test_a_merge_says_in_numbers_what_would_happen(world, staff):
    uetze, springe = world.gliederung("Uetze"), world.gliederung("Springe")
    moving = Person.objects.filter(gliederung=uetze).count()
    page = body(staff.get(verb("gliederungen", uetze, "zusammenlegen")))
    assert f"<strong>{moving} Personen ziehen um, 1 Amt endet.</strong>" in page
    Person.objects.filter(gliederung=springe).update(gliederung=None)
    page = body(staff.get(verb("gliederungen", springe, "zusammenlegen")))
    assert "Niemand zieht um, kein Amt endet." in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"who": "Niemand"}, "Niemand heißt „Niemand“"),
        ({"who": ""}, "Bitte gib einen Namen an."),
        ({"who": "Kim", "beginn": "morgen"}, "gültiges Datum"),
        ({"who": "", "person": "quatsch"}, "Bitte gib einen Namen an."),
        ({"who": "Kim", "ende": "2020-01-01"}, "Das Ende liegt vor dem Beginn."),
        ({"who": "Kim", "pledged_on": "2999-01-01"}, "wenn es stattgefunden hat"),
    ],
)
def test_a_mistake_in_an_office_is_said_at_its_field(world, staff, values, sentence):
    before = Amt.objects.count()
    page = staff.post(new("aemter"), office(world, **values))
    assert (page.status_code, sentence in body(page)) == (200, True)
    assert Amt.objects.count() == before


def test_a_taken_office_is_offered_for_replacement(world, staff):
    make_person("Zzneu", given_name="Ada")
    data = office(world, who="Ada Zzneu", gliederung=world.gliederung("Gehrden").pk)
    assert "ist schon Ansprechperson Zzansprechperson" in body(staff.post(new("aemter"), data))
    staff.post(new("aemter"), data | {"replaces": "on"})
    holder = Amt.objects.active().get(gliederung__name="Gehrden", kind=Kind.ANSPRECHPERSON)
    assert holder.person.family_name == "Zzneu"


def test_somebodys_page_leads_to_an_office_for_them(world, staff):
    person = world.person("member")
    page = body(staff.get(reverse("members:person", args=[person.pk])))
    assert f"{new('aemter')}?person={person.pk}" in page
    form = body(staff.get(new("aemter"), {"person": person.pk}))
    assert person.full_name in form
    staff.post(new("aemter"), office(world, person=person.pk))
    assert Amt.objects.active().get(gliederung__name="Springe").person == person


def test_an_office_is_ended_and_renewed_in_one_tap(world, staff):
    amt = Amt.objects.get(person=world.person("vorsitz"))
    page = body(staff.get(edit("aemter", amt)))
    for action in ("verlaengern", "beenden"):
        assert f'<form method="post" action="{verb("aemter", amt, action)}">' in page
        staff.post(verb("aemter", amt, action))
    amt.refresh_from_db()
    assert (amt.renewed_on, amt.is_over) == (clock.today(), True)
    again = staff.post(verb("aemter", amt, "beenden"), follow=True)
    assert "nicht mehr möglich" in body(again)


def test_a_pending_office_says_who_may_confirm_it(world, staff):
    make_person("Zzneu", given_name="Ada")
    region = world.gliederung("Region").pk
    data = office(world, who="Ada Zzneu", gliederung=region, kind=Kind.GESCHAEFTSSTELLE)
    page = body(staff.post(new("aemter"), data, follow=True))
    assert "manage.py appoint" in page
    amt = Amt.objects.get(person__family_name="Zzneu")
    assert (amt.is_pending, verb("aemter", amt, "bestaetigen") in page) == (True, False)
    staff.post(verb("aemter", amt, "bestaetigen"))
    amt.refresh_from_db()
    assert amt.is_pending is True


def test_master_data_of_a_person_are_changed_with_a_history_without_values(world, staff):
    person = world.person("member")
    path = edit("personen", person)
    data = {
        "given_name": "Ada",
        "family_name": canary("member"),
        "email": "geheim@example.org",
        "mobile": "0151 23456789",
        "plz": "30989",
        "preferred_channel": "letter",
        "language": "de",
    }
    page = body(staff.post(path, data, follow=True))
    person.refresh_from_db()
    assert (person.mobile, person.kommune.short_name) == ("+49 1512 3456789", "Gehrden")
    assert person.sort_name.endswith("ada")
    history = page.partition('id="verlauf"')[2]
    assert re.findall(r'"soft">([^<]*)<', history)[0] == "E-Mail, Vorname, Mobil, PLZ, Am liebsten"
    assert ("geheim" in history, canary("staff") in history) == (False, True)
    assert body(staff.get(reverse("members:person", args=[person.pk]))).count(path) == 1


def test_what_waits_for_somebody_goes_to_their_corrected_address(world, staff):
    newcomer = make_newcomer("Zzalt", world.gliederung("Gehrden"))
    queue_welcomes([newcomer])
    data = {
        "given_name": "Kim",
        "family_name": "Zzalt",
        "email": "neu@example.org",
        "preferred_channel": "phone",
        "language": "de",
    }
    for address, channel in (("neu@example.org", "mail"), ("", "letter")):
        staff.post(edit("personen", newcomer.person), data | {"email": address})
        mail = OutgoingMail.objects.get(recipient_key=newcomer.person_id)
        assert (mail.address, mail.channel) == (address, channel)


def test_reading_and_signing_in_stand_in_no_history(world, staff):
    person = world.person("member")
    AuditEvent.objects.create(code="login", at=clock.now(), actor=person.pk, subject=person.pk)
    assert "niemand etwas geändert" in body(staff.get(edit("personen", person)))


@pytest.mark.parametrize(
    ("field", "value"),
    [("plz", "3098"), ("plz", "abcde"), ("mobile", "keine"), ("phone", "12"), ("email", "x")],
)
def test_a_mistake_in_master_data_changes_nothing(world, staff, field, value):
    person = world.person("member")
    data = {"family_name": "Neu", "preferred_channel": "phone", "language": "de", field: value}
    assert staff.post(edit("personen", person), data).status_code == 200
    person.refresh_from_db()
    assert person.family_name == canary("member")


def test_a_person_without_membership_can_be_added(world, staff):
    data = {"family_name": "Zzneu", "preferred_channel": "phone", "language": "de"}
    staff.post(new("personen"), data)
    person = Person.objects.get(family_name="Zzneu")
    assert (person.memberships.count(), person.onboardings.count()) == (0, 0)


def test_a_topic_is_added_renamed_and_retired_but_stays_with_people(world, staff):
    staff.post(new("themen"), {"name": "Öffis & Rad", "position": 3, "is_offered": "on"})
    staff.post(new("themen"), {"name": "Öffis Rad", "position": 4, "is_offered": "on"})
    topic = Topic.objects.get(name="Öffis & Rad")
    assert Topic.objects.get(name="Öffis Rad").code == f"{topic.code}-2"
    world.person("member").topics.add(topic)
    staff.post(edit("themen", topic), {"name": "Radverkehr", "position": 3})
    topic.refresh_from_db()
    assert (topic.name, topic.is_offered) == ("Radverkehr", False)
    assert list(world.person("member").topics.all()) == [topic]


def test_a_kommune_keeps_its_postal_codes_and_who_is_responsible(world, staff):
    kommune = Kommune.objects.get(short_name="Gehrden")
    data = {
        "name": kommune.name,
        "short_name": kommune.short_name,
        "ags": kommune.ags,
        "population": 1,
        "plz": "30989; 30999",
        "gliederungen": [world.gliederung("Springe").pk],
    }
    staff.post(edit("kommunen", kommune), data)
    assert sorted(code.plz for code in kommune.postal_codes.all()) == ["30989", "30999"]
    assert [node.name for node in kommune.gliederungen.all()] == ["Springe"]
    wrong = staff.post(edit("kommunen", kommune), data | {"plz": "30989, 309"})
    assert "„309“ ist keine Postleitzahl" in body(wrong)


def test_settings_are_one_row(world, staff):
    district = District.current()
    assert staff.get("/verwaltung/einstellungen/").url == edit("einstellungen", district)
    fields = ("product_name", "party", "office_name", "street", "city", "email")
    data = {name: getattr(district, name) for name in fields} | {
        "phone": "0511 999",
        "responsible": "Erika",
        "data_protection": "x",
        "authority": "y",
        "newcomer_months": 0,
    }
    assert "zwischen 1 und 36" in body(staff.post(edit("einstellungen", district), data))
    staff.post(edit("einstellungen", district), data | {"newcomer_months": 6})
    district.refresh_from_db()
    assert (district.phone, district.newcomer_months) == ("0511 999", 6)


def test_a_level_with_offices_does_not_change_what_it_is(world, staff):
    level = world.gliederung("Region").level
    data = {"name": level.name, "short": "UB", "position": 1, "takes_members": "on"}
    assert "nicht mehr ändern" in body(staff.post(edit("ebenen", level), data))
    level.refresh_from_db()
    assert level.takes_members is False
    data = {"name": level.name, "short": "UB", "position": 9}
    assert "Reihenfolge" in body(staff.post(edit("ebenen", level), data))


def test_a_section_is_registered_once():
    with pytest.raises(ValueError, match="themen"):
        verwaltung.register(verwaltung.find("themen"))
