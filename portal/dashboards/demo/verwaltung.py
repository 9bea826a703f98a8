"""What staff find in *Verwaltung*: offices in every state, a merged Ortsverein, a history."""

from datetime import date, timedelta

from members.models import Amt, District, Gliederung, Person, Topic
from members.services import offices, organisation, tree

Kind = Amt.Kind
OLD_NAME, WENT_INTO = "Northen-Lenthe", "Gehrden"


def build(district: District, today: date) -> None:
    """Two colleagues in the office, so that four eyes exist; something to do for each of them."""
    staff = district.gliederung.aemter.get(kind=Kind.GESCHAEFTSSTELLE).person
    colleague = Person.objects.create(
        given_name="Ines", family_name="Falke", email="ines.falke@demo.example.org"
    )
    _give(colleague, district.gliederung, Kind.GESCHAEFTSSTELLE, today)
    trainee = Person.objects.create(
        given_name="Jonas", family_name="Mertens", email="jonas.mertens@demo.example.org"
    )
    grant = offices.Grant(trainee, district.gliederung, Kind.MENTORING, today, pledged_on=today)
    offices.give(grant, colleague)
    leaves = list(Gliederung.objects.filter(level__takes_members=True).order_by("name"))
    ending = leaves[3].aemter.filter(kind=Kind.ANSPRECHPERSON).first()
    if ending:
        ending.ende = today + timedelta(days=12)
        ending.save(update_fields=["ende"])
    _merge(leaves[0], district, staff)
    Topic.objects.create(code="fest", name="Sommerfest", position=90, is_offered=False)


def _give(person: Person, gliederung: Gliederung, kind: str, today: date) -> None:
    long_ago = today - timedelta(days=60)
    grant = offices.Grant(
        person, gliederung, kind, long_ago, pledged_on=long_ago, trained_on=long_ago
    )
    offices.give(grant, None)


def _merge(like: Gliederung, district: District, staff: Person) -> None:
    """An Ortsverein of former days whose name still stands in exports."""
    old = organisation.create_gliederung(OLD_NAME, like.level, district.gliederung)
    tree.merge(old, Gliederung.objects.get(name=WENT_INTO), staff)
