"""Levels are data: a district of another shape works on every page of this chain."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from members.mails.welcome import welcome_context
from members.models import Gliederung, Level, Onboarding, Person, User
from members.services import imports, organisation, tree
from portal.common import clock, verwaltung
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.render import render
from tests.conftest import BACKEND, pass_second_factor
from tests.other_district import PLZ, WORDS_OF_THE_FIRST, build_other_district


@pytest.fixture
def district(world):
    return build_other_district()


def client_of(family_name: str) -> Client:
    client = Client()
    user = User.objects.get(person__family_name=family_name)
    client.force_login(user, backend=BACKEND)
    pass_second_factor(client, user)
    return client


def imported(*rows: str) -> None:
    head = "Mitgliedsnummer;Vorname;Nachname;Eintrittsdatum;Gliederung;E-Mail;PLZ"
    run = imports.stage("\n".join((head, *rows)).encode(), None)
    imports.apply(run, None)


@pytest.fixture
def newcomers(district):
    group = Gliederung.objects.get(name="Waren")
    level = Level.objects.get(name="Stadtteilgruppe")
    organisation.create_gliederung("Papenberg", level, group)
    day = f"{clock.today():%d.%m.%Y}"
    imported(
        f"1;Ada;Zzeins;{day};BG Waren;a@example.org;{PLZ}",
        f"2;Bo;Zzzwei;{day};Stadtteilgruppe Papenberg;b@example.org;{PLZ}",
        f"3;Cem;Zzdrei;{day};Die Neuen Basisgruppe Röbel;c@example.org;{PLZ}",
    )


def words_of_the_first(text: str) -> list[str]:
    return [word for word in WORDS_OF_THE_FIRST if re.search(rf"\b{word}\w*", text)]


def test_the_import_places_people_on_both_levels_of_leaves(newcomers):
    found = {
        p.family_name: str(p.gliederung) for p in Person.objects.filter(memberships__isnull=False)
    }
    assert found == {
        "Zzeins": "Basisgruppe Waren",
        "Zzzwei": "Stadtteilgruppe Papenberg",
        "Zzdrei": "Basisgruppe Röbel",
    }
    responsible = {
        o.person.family_name: (o.responsible.family_name, o.responsible_stands_in)
        for o in Onboarding.objects.select_related("person", "responsible")
    }
    assert responsible == {
        "Zzeins": ("Zzwaren", False),
        "Zzzwei": ("Zzwaren", True),  # the group above looks after them
        "Zzdrei": ("Zzbuero", True),
    }


def test_the_welcome_speaks_of_this_party_and_this_office(newcomers):
    mails = list(OutgoingMail.objects.filter(kind="members.welcome"))
    assert len(mails) == 3
    for mail in mails:
        text = render(mail, kinds.get(mail.kind)).message.body
        assert words_of_the_first(text) == []
        assert welcome_context(mail)["geschaeftsstelle"] == "Kreisbüro Seenplatte"
    texts = " ".join(render(mail, kinds.get(mail.kind)).message.body for mail in mails)
    assert "Kreisbüro Seenplatte" in texts or "03991 2222" in texts


def pages() -> list[str]:
    sections = verwaltung.sections()
    lists = [f"/verwaltung/{s.code}/" for s in sections if not s.list_url and not s.single]
    return [
        "/uebersicht/",
        "/neumitglieder/",
        "/personen/",
        "/mentoring/",
        "/import/",
        "/hilfe/",
        "/impressum/",
        "/datenschutz/",
        "/verwaltung/",
        *lists,
        *(f"/verwaltung/{s.code}/neu/" for s in sections if s.new),
    ]


@pytest.mark.parametrize("path", pages())
def test_no_page_speaks_the_language_of_the_first_district(newcomers, path):
    response = client_of("Zzbuero").get(path, follow=True)
    assert response.status_code == 200
    assert words_of_the_first(response.content.decode()) == []
    assert "Hafen" in response.content.decode()


@pytest.mark.parametrize("name", ["Zzwaren", "Zzeins"])
def test_the_homes_work_and_speak_of_this_district(newcomers, name):
    if name == "Zzeins":
        person = Person.objects.get(family_name=name)
        User.objects.create_user(person.email, None, person)
    response = client_of(name).get("/", follow=True)
    assert response.status_code == 200
    assert words_of_the_first(response.content.decode()) == []


def test_verwaltung_builds_the_tree_of_this_district(newcomers):
    client = client_of("Zzbuero")
    group, level = Gliederung.objects.get(name="Waren"), Level.objects.get(name="Stadtteilgruppe")
    data = {"name": "West", "level": level.pk, "parent": group.pk}
    client.post(reverse("dashboards:verwaltung_new", args=["gliederungen"]), data)
    west = Gliederung.objects.get(name="West")
    assert west.path.startswith(group.path)
    tree.move(west, Gliederung.objects.get(name="Röbel"), Person.objects.get(family_name="Zzbuero"))
    west.refresh_from_db()
    assert west.parent.name == "Röbel"
    wrong = data | {"level": Level.objects.get(name="Kreisverband").pk, "name": "Falsch"}
    page = client.post(reverse("dashboards:verwaltung_new", args=["gliederungen"]), wrong)
    assert "Die Ebene passt nicht" in page.content.decode()


def test_a_newcomer_is_new_for_as_long_as_this_district_says(district):
    old, new = (clock.today().replace(day=1), clock.today())
    old = old.replace(year=old.year - 1)
    imported(
        f"1;Ada;Zzalt;{old:%d.%m.%Y};Waren;a@example.org;{PLZ}",
        f"2;Bo;Zzneu;{new:%d.%m.%Y};Waren;b@example.org;{PLZ}",
    )
    assert [o.person.family_name for o in Onboarding.objects.all()] == ["Zzneu"]
