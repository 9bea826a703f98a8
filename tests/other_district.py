"""A district of another shape: a Kreisverband of another party with Basisgruppen in two steps.

It proves that levels, names, party and topics are data. Nothing here occurs in the first one.
"""

from members.models import (
    Amt,
    District,
    Gliederung,
    Kommune,
    Level,
    Mentor,
    MilestoneTemplate,
    Onboarding,
    Person,
    Topic,
    User,
)
from members.services import setup
from tests.world import make_amt, make_person, make_user

WORDS_OF_THE_FIRST = ("Ortsverein", "Unterbezirk", "Stadtverband", "Bezirk", "SPD")
SETTINGS = {
    "levels": [
        {"name": "Landesverband", "short": "LV"},
        {"name": "Kreisverband", "short": "KV"},
        # Two levels of leaves: both take members, one below the other.
        {"name": "Basisgruppe", "short": "BG", "takes_members": True},
        {"name": "Stadtteilgruppe", "short": "STG", "takes_members": True},
    ],
    "path": [
        {"name": "Nordland", "level": "Landesverband"},
        {"name": "Seenplatte", "level": "Kreisverband"},
    ],
    "district": {
        "product_name": "Hafen",
        "party": "Die Neuen",
        "office_name": "Kreisbüro Seenplatte",
        "street": "Seeweg 2",
        "city": "17192 Waren",
        "phone": "03991 2222",
        "email": "kreis@example.org",
        "responsible": "Kim See, Seeweg 2, 17192 Waren",
        "data_protection": "dsb@example.org",
        "authority": "Datenschutzaufsicht Nordland",
        "newcomer_months": 6,
    },
    "leaves": {"Basisgruppe": ["Waren", "Röbel"]},
}
PLZ = "17192"


def build_other_district() -> District:
    """Take the first district away and put this one in its place."""
    for model in (Onboarding, Mentor, User, Amt, Person, District):
        model.objects.all().delete()
    for node in Gliederung.objects.order_by("-path"):
        node.delete()
    for leftover in (Level, Topic, MilestoneTemplate, Kommune):
        leftover.objects.all().delete()
    district = setup.setup_district(SETTINGS)
    for leftover in (Topic, Kommune):
        leftover.objects.all().delete()
    Topic.objects.create(code="see", name="Saubere Seen")
    waren = Kommune.objects.create(
        ags="13071156", name="Waren (Müritz)", short_name="Waren", population=21000
    )
    waren.postal_codes.create(plz=PLZ)
    Gliederung.objects.get(name="Waren").kommunen.add(waren)
    _office("Zzbuero", district.gliederung, Amt.Kind.GESCHAEFTSSTELLE)
    _office("Zzwaren", Gliederung.objects.get(name="Waren"), Amt.Kind.ANSPRECHPERSON)
    return district


def _office(name: str, gliederung: Gliederung, kind: str) -> None:
    person = make_person(name, gliederung if gliederung.level.takes_members else None)
    make_amt(person, gliederung, kind)
    make_user(person, second_factor=True)
