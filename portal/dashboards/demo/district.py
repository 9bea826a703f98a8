"""Build the demo district once: tree, offices, logins, imported members, what happened since."""

import csv
import random
import uuid
from collections.abc import Iterable
from datetime import date, timedelta

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.utils.text import slugify

from members import deadlines
from members.labels import SLOTS
from members.models import (
    Amt,
    Contact,
    District,
    Gliederung,
    Kommune,
    Level,
    Membership,
    Mentor,
    Milestone,
    Onboarding,
    Person,
    Step,
    Topic,
    User,
)
from members.services import imports, reference
from members.services import onboarding as onboarding_service
from members.services.organisation import create_gliederung
from portal.common import clock
from portal.dashboards import services
from portal.dashboards.demo import (
    access,
    audit,
    changes,
    digest,
    events,
    file,
    interest,
    looks,
    mail,
    mitmachen,
    profile,
    promises,
    responsibility,
    retention,
    rights,
    talks,
    tandems,
    verwaltung,
    waves,
)
from portal.dashboards.demo.roles import ROLES

Kind = Amt.Kind
MEMBERS = 160
# Here nobody has taken the office yet, so that the Übersicht has something to say.
VACANT = ("Uetze", "Mittelfeld", "Mardorf-Schneeren")
MENTORS = 28
SEED = 2026
dice = random.Random(SEED)


@transaction.atomic
def build() -> bool:
    """Create everything; returns False when the district is already there."""
    if District.objects.exists():
        return False
    today = clock.today()
    dice.seed(SEED)  # the same district every time
    reference.load_reference()
    district = _tree()
    _offices(district, today)
    run = imports.stage(file.as_csv(MEMBERS, today), None)
    imports.apply(run, None)
    _wishes()
    _mentors(today)
    _history(today)
    talks.build()
    profile.build()
    changes.build(district)
    promises.build(district)
    interest.build(district)
    access.build_datenschutz(district, today)
    _logins(district, today)
    mail.build(district.gliederung.aemter.get(kind=Kind.GESCHAEFTSSTELLE).person)
    rights.build(district)
    access.build_access()
    looks.build(today)
    tandems.build(today, User.objects.get(email="neumitglied@demo.example.org").person)
    waves.build(district)
    responsibility.build(district)
    verwaltung.build(district, today)
    digest.build(today)
    mitmachen.build(today)
    events.build(today)
    retention.build(district, today)
    services.write_figures()
    audit.build()
    return True


def _tree() -> District:
    levels = {
        short: Level.objects.create(name=name, short=short, position=position, takes_members=leaf)
        for position, (name, short, leaf) in enumerate(
            (
                ("Bezirk", "Bez.", False),
                ("Unterbezirk", "UB", False),
                ("Stadtverband", "SV", False),
                ("Ortsverein", "OV", True),
            )
        )
    }
    bezirk = create_gliederung("Hannover", levels["Bez."], None)
    unterbezirk = create_gliederung("Region Hannover", levels["UB"], bezirk)
    city = create_gliederung("Hannover (Stadt)", levels["SV"], unterbezirk)
    kommunen = {kommune.ags: kommune for kommune in Kommune.objects.all()}
    with (reference.DATA / "ortsvereine_demo.csv").open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            is_city = row["ags"] == "03241001"
            node = create_gliederung(
                row["ortsverein"], levels["OV"], city if is_city else unterbezirk
            )
            node.kommunen.add(kommunen[row["ags"]])
    return District.objects.create(
        gliederung=unterbezirk,
        party="SPD",
        office_name="Unterbezirk Region Hannover (Demo)",
        street="Musterstraße 1",
        city="30159 Hannover",
        phone="0511 0000000",
        email="demo@example.org",
        responsible="Erika Mustermann, Musterstraße 1, 30159 Hannover",
        data_protection="datenschutz@example.org",
        authority="Landesbeauftragter für den Datenschutz Niedersachsen, Hannover",
    )


def _member(given: str, family: str, gliederung: Gliederung) -> Person:
    return Person.objects.create(
        given_name=given,
        family_name=family,
        email=f"{slugify(f'{given} {family}')}@demo.example.org",
        mobile=f"+49 151 {dice.randint(10_000_000, 99_999_999)}",
        gliederung=gliederung,
        kommune=gliederung.kommunen.first(),
        languages=["de"],
    )


def _amt(person: Person, gliederung: Gliederung, kind: str, today: date) -> None:
    Amt.objects.create(
        person=person,
        gliederung=gliederung,
        kind=kind,
        beginn=today - timedelta(days=200),
        ende=today + timedelta(days=400),
        pledged_on=today - timedelta(days=200),
        trained_on=today - timedelta(days=190),
        shown_phone=dice.choice((Amt.ShownPhone.OWN, Amt.ShownPhone.OFFICE)),
    )


def _named(gliederung: Gliederung, kind: str) -> tuple[str, str]:
    if gliederung.name == file.SHOWCASE and kind == Kind.ANSPRECHPERSON:
        return "Petra", "Lindner"
    return dice.choice(file.GIVEN), dice.choice(file.FAMILY)


def _offices(district: District, today: date) -> None:
    for node in Gliederung.objects.filter(level__takes_members=True).order_by("name"):
        kinds = [Kind.VORSITZ]
        if node.name not in VACANT:
            kinds += [Kind.ANSPRECHPERSON, Kind.STELLVERTRETUNG]
        for kind in kinds:
            if node.name in VACANT and node.name != "Uetze":
                continue
            _amt(_member(*_named(node, kind), node), node, kind, today)
    office = _member("Karin", "Albers", district.gliederung)
    _amt(office, district.gliederung, Kind.GESCHAEFTSSTELLE, today)
    coordinator = _member("Bülent", "Sander", district.gliederung)
    _amt(coordinator, district.gliederung, Kind.MENTORING, today)
    for given, family in (("Silke", "Ahrens"), ("Yusuf", "Demir")):
        listens = _member(given, family, district.gliederung)
        _amt(listens, district.gliederung, Kind.VERTRAUENSPERSON, today)


def _wishes() -> None:
    """Some newcomers have said what they like, most have not been asked yet."""
    topics = list(Topic.objects.exclude(code="sonstiges"))
    for onboarding in Onboarding.objects.select_related("person").order_by("person__sort_name"):
        person = onboarding.person
        if dice.random() < 0.25:
            continue
        person.topics.set(dice.sample(topics, dice.randint(1, 3)))
        person.availability = dice.sample(list(SLOTS), dice.randint(1, 2))
        person.preferred_channel = dice.choice(["phone", "phone", "phone", "email", "messenger"])
        person.save(update_fields=["availability", "preferred_channel", "sort_name"])


def _mentors(today: date) -> None:
    topics = list(Topic.objects.exclude(code="sonstiges"))
    nodes = list(Gliederung.objects.filter(level__takes_members=True).order_by("name"))
    for index in range(MENTORS):
        node = nodes[index % len(nodes)]
        person = _member(dice.choice(file.GIVEN), dice.choice(file.FAMILY), node)
        person.topics.set(dice.sample(topics, dice.randint(2, 4)))
        person.availability = dice.sample(list(SLOTS), dice.randint(1, 3))
        person.languages = ["de", *dice.sample(["en", "tr", "uk"], dice.randint(0, 1))]
        person.save(update_fields=["availability", "languages", "sort_name"])
        Mentor.objects.create(
            person=person,
            capacity=dice.choice((1, 2, 2, 3)),
            accepts_minors=index % 4 == 0,
            prepared_on=today - timedelta(days=100),
            active_from=today - timedelta(days=90),
        )


def _history(today: date) -> None:
    """What volunteers did before the visitor came: most people were reached, some were not."""
    onboardings = Onboarding.objects.select_related("person__gliederung", "responsible")
    for onboarding in onboardings.order_by("started_on", "person__sort_name"):
        showcase = getattr(onboarding.person.gliederung, "name", "") == file.SHOWCASE
        age = (today - onboarding.started_on).days
        if onboarding.responsible is None or (age < 60 if showcase else dice.random() < 0.12):
            _show_deadline_of_the_export(onboarding)
            continue
        if age > 12:
            _talked(
                onboarding, today, onboarding.milestones.filter(position=1), dice.randint(4, 30)
            )
        if age > 200 and dice.random() < 0.85:
            _talked(onboarding, today, onboarding.milestones.filter(position=3), 170)
        if age > 80:
            for milestone in onboarding.milestones.filter(kind=Step.Kind.HANDOVER):
                onboarding_service.tick(
                    milestone, min(onboarding.started_on + timedelta(days=75), today)
                )
        _show_deadline_of_the_export(onboarding)


def _talked(
    onboarding: Onboarding, today: date, milestones: Iterable[Milestone], after: int
) -> None:
    made_on = min(onboarding.started_on + timedelta(days=after), today - timedelta(days=8))
    for milestone in milestones:
        contact = Contact.objects.create(
            onboarding=onboarding,
            made_by=onboarding.responsible,
            made_on=made_on,
            kind=Contact.Kind.CALL,
            result=Contact.Result.REACHED,
            created_at=clock.now(),
            submit_token=uuid.uuid4(),
        )
        onboarding_service.tick(milestone, made_on, contact)


def _show_deadline_of_the_export(onboarding: Onboarding) -> None:
    """As if the rows had come in on time: the demo shows a portal in its second year."""
    onboarding.arrived_on = onboarding.started_on + timedelta(days=3)
    onboarding.save(update_fields=["arrived_on"])
    for milestone in onboarding.milestones.filter(is_late_data=True):
        milestone.due_on = deadlines.next_working_day(milestone.legal_due_on)
        milestone.is_late_data = False
        milestone.save(update_fields=["due_on", "is_late_data"])
    onboarding_service.settle(onboarding)


def _logins(district: District, today: date) -> None:
    gehrden = Gliederung.objects.get(name=file.SHOWCASE)
    uetze = Gliederung.objects.get(name="Uetze")
    newcomer = Membership.objects.get(number=str(file.FIRST_NUMBER + 1)).person
    people = {
        "neumitglied": newcomer,
        "mentor": tandems.mentor_of_the_demo(),
        "ansprechperson": gehrden.aemter.get(kind=Kind.ANSPRECHPERSON).person,
        "vorsitz": uetze.aemter.get(kind=Kind.VORSITZ).person,
        "geschaeftsstelle": district.gliederung.aemter.get(kind=Kind.GESCHAEFTSSTELLE).person,
        "mentoring": district.gliederung.aemter.get(kind=Kind.MENTORING).person,
        "datenschutz": district.gliederung.aemter.get(kind=Kind.DATENSCHUTZ).person,
    }
    for role in ROLES:
        person = people[role.code]
        user = User.objects.create_user(role.email, None, person)
        if user.needs_second_factor:
            TOTP.activate(user, generate_totp_secret())
