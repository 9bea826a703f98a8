"""A small district that exists in every test: two levels, three Ortsvereine, a fixed cast.

Everybody's family name is a canary: it occurs nowhere else, so a page that shows it shows them.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from allauth.mfa.totp.internal.auth import TOTP

from members.models import (
    Amt,
    District,
    Gliederung,
    Kommune,
    Level,
    Membership,
    Mentor,
    Onboarding,
    Person,
    Topic,
    User,
)
from members.services import onboarding
from members.services.organisation import create_gliederung
from members.services.reference import load_reference
from portal.common import clock, retention
from portal.common.models import RetentionApproval

TOTP_SECRET = "JBSWY3DPEHPK3PXP"
Kind = Amt.Kind

# role → (Gliederung, office or None); a login for everybody
CAST: dict[str, tuple[str, str | None]] = {
    "newcomer": ("Gehrden", None),
    "other_newcomer": ("Gehrden", None),
    "foreign_newcomer": ("Uetze", None),
    "member": ("Gehrden", None),
    "mentor": ("Gehrden", None),
    "ansprechperson": ("Gehrden", Kind.ANSPRECHPERSON),
    "deputy": ("Gehrden", Kind.STELLVERTRETUNG),
    "vorsitz": ("Gehrden", Kind.VORSITZ),
    "foreign_ansprechperson": ("Uetze", Kind.ANSPRECHPERSON),
    "coordinator": ("Region", Kind.MENTORING),
    "staff": ("Region", Kind.GESCHAEFTSSTELLE),
    "staff_without_mfa": ("Region", Kind.GESCHAEFTSSTELLE),
    "bezirk": ("Bezirk", Kind.BEZIRK),
    "privacy": ("Region", Kind.DATENSCHUTZ),
    "ex_officer": ("Gehrden", Kind.STELLVERTRETUNG),
}
NEWCOMERS = ("newcomer", "other_newcomer", "foreign_newcomer")
PERSONAS = ("anon", *CAST)


def canary(role: str) -> str:
    return f"Zz{role.replace('_', '')}"


@dataclass(frozen=True)
class World:
    district: District

    def gliederung(self, name: str) -> Gliederung:
        return Gliederung.objects.get(name=name)

    def person(self, role: str) -> Person:
        return Person.objects.get(family_name=canary(role))

    def user(self, role: str) -> User:
        """A fresh instance: rights are cached on the instance for one request only."""
        return User.objects.get(person__family_name=canary(role))

    def onboarding(self, role: str) -> Onboarding:
        return Onboarding.objects.select_related("person").get(person=self.person(role))


def build_world() -> World:
    """Return the world, building it where a flush removed it."""
    found = District.objects.first()
    if found:
        return World(found)
    load_reference()
    district = _tree()
    approve_retention()
    for role, (place, kind) in CAST.items():
        _member_of_the_cast(role, Gliederung.objects.get(name=place), kind)
    onboarding.start_many(
        [
            onboarding.Arrival(
                Person.objects.get(family_name=canary(role)), clock.today() - timedelta(days=20)
            )
            for role in NEWCOMERS
        ]
    )
    Mentor.objects.create(
        person=Person.objects.get(family_name=canary("mentor")),
        prepared_on=clock.today(),
        active_from=clock.today(),
    )
    return World(district)


def approve_retention() -> None:
    """Two people outside the cast have said yes to every deletion rule."""
    RetentionApproval.objects.bulk_create(
        RetentionApproval(
            rule=rule.code,
            fingerprint=rule.fingerprint,
            first_by=UUID(int=1),
            first_at=clock.now(),
            second_by=UUID(int=2),
            second_at=clock.now(),
        )
        for rule in retention.rules()
    )


def _tree() -> District:
    bezirk_level = Level.objects.create(name="Bezirk", short="Bez.", position=0)
    region_level = Level.objects.create(name="Unterbezirk", short="UB", position=1)
    leaf = Level.objects.create(name="Ortsverein", short="OV", position=2, takes_members=True)
    bezirk = create_gliederung("Bezirk", bezirk_level, None)
    region = create_gliederung("Region", region_level, bezirk)
    for name, ags in (
        ("Gehrden", "03241006"),
        ("Uetze", "03241018"),
        ("Linden-Limmer", "03241001"),
        ("Döhren-Wülfel", "03241001"),
        ("Springe", "03241017"),
    ):
        create_gliederung(name, leaf, region).kommunen.add(Kommune.objects.get(ags=ags))
    return District.objects.create(
        gliederung=region,
        party="SPD",
        office_name="Geschäftsstelle Test",
        street="Testweg 1",
        city="30159 Hannover",
        phone="0511 123456",
        email="office@example.org",
        responsible="Erika Test",
        data_protection="dsb@example.org",
        authority="Aufsicht Test",
    )


def make_person(family_name: str, gliederung: Gliederung | None = None, **values) -> Person:
    values.setdefault("given_name", "Kim")
    values.setdefault("email", f"{family_name.lower()}@example.org")
    return Person.objects.create(family_name=family_name, gliederung=gliederung, **values)


def make_newcomer(family_name: str, gliederung: Gliederung, days: int = 20, **values) -> Onboarding:
    person = make_person(family_name, gliederung, **values)
    Membership.objects.create(
        person=person,
        number=f"M-{family_name}",
        kind=Membership.Kind.MEMBER,
        joined_on=clock.today() - timedelta(days=days),
        first_seen_on=clock.today(),
    )
    arrival = onboarding.Arrival(person, clock.today() - timedelta(days=days))
    return onboarding.start_many([arrival])[0]


def make_mentor(family_name: str, gliederung: Gliederung, topics=(), **values) -> Mentor:
    person = make_person(family_name, gliederung, kommune=gliederung.kommunen.first())
    person.topics.set(Topic.objects.filter(code__in=topics))
    today = clock.today()
    return Mentor.objects.create(person=person, prepared_on=today, active_from=today, **values)


def make_amt(person: Person, gliederung: Gliederung, kind: str, **values) -> Amt:
    today = clock.today()
    values.setdefault("beginn", today - timedelta(days=100))
    values.setdefault("pledged_on", today - timedelta(days=100))
    values.setdefault("trained_on", today - timedelta(days=100))
    return Amt.objects.create(person=person, gliederung=gliederung, kind=kind, **values)


def make_user(person: Person, *, second_factor: bool) -> User:
    user = User.objects.create_user(person.email, None, person)
    if second_factor:
        TOTP.activate(user, TOTP_SECRET)
    return user


def _member_of_the_cast(role: str, gliederung: Gliederung, kind: str | None) -> None:
    today = clock.today()
    person = make_person(canary(role), gliederung, given_name=role.title())
    Membership.objects.create(
        person=person,
        number=f"M-{role}",
        kind=Membership.Kind.MEMBER,
        joined_on=today - timedelta(days=20),
        first_seen_on=today,
    )
    if kind:
        ended = today - timedelta(days=1) if role == "ex_officer" else None
        # Staff came first, so that they are the ones who stand in.
        begun = today - timedelta(days=110 if role == "staff" else 100)
        make_amt(person, gliederung, kind, beginn=begun, ende=ended)
    make_user(person, second_factor=bool(kind) and role != "staff_without_mfa")
