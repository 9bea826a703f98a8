"""„Vermutlich dieselbe Person“: who is stored already and looks like a row (R5)."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from members.models import Membership, Onboarding, Person
from members.models.people import former_member
from members.sorting import sort_name

Values = Mapping[str, str]


def _phones(values: Values) -> set[str]:
    return {values.get("phone", ""), values.get("mobile", "")} - {""}


def _name(values: Values) -> str:
    return sort_name(values.get("family_name", ""), values.get("given_name", ""))


def similar_people(values: Values) -> QuerySet[Person]:
    """Everybody with the same name and PLZ, the same address, or the same number."""
    looks = Q(pk__in=())
    if values.get("plz"):
        looks |= Q(sort_name=_name(values), plz=values["plz"])
    if values.get("email"):
        looks |= Q(email__iexact=values["email"])
    phones = _phones(values)
    if phones:
        looks |= Q(phone__in=phones) | Q(mobile__in=phones)
    return Person.objects.filter(looks)


class Lookalikes:
    """People without Mitgliedsnummer, read once: they are few, the rows of an export many."""

    def __init__(self) -> None:
        numbered = Membership.objects.filter(person=OuterRef("pk"), number__isnull=False)
        held = Membership.objects.filter(person=OuterRef("pk"))
        arrivals = Onboarding.objects.filter(person=OuterRef("pk"))
        people = Person.objects.filter(~Exists(numbered)).annotate(
            has_arrived=Exists(arrivals),
            entered_on=Subquery(held.order_by("first_seen_on").values("first_seen_on")[:1]),
            # Whoever was refused here was never a member before.
            has_left=former_member(OuterRef("pk"))
            & ~Exists(held.filter(left_reason=Membership.LeftReason.REFUSED)),
        )
        self.people: dict[UUID, Person] = {}
        self._by_key: dict[tuple[str, str], set[UUID]] = {}
        for person in people.order_by("sort_name", "pk"):
            self.people[person.pk] = person
            for key in self._keys(_values_of(person)):
                self._by_key.setdefault(key, set()).add(person.pk)

    @staticmethod
    def _keys(values: Values) -> Iterable[tuple[str, str]]:
        if values.get("plz"):
            yield "name", f"{_name(values)} {values['plz']}"
        if values.get("email"):
            yield "email", values["email"].lower()
        for phone in _phones(values):
            yield "phone", phone

    def of(self, values: Values) -> list[Person]:
        """Return everybody this row may be, sorted by name."""
        found = set().union(*(self._by_key.get(key, ()) for key in self._keys(values)))
        return [person for pk, person in self.people.items() if pk in found]


def _values_of(person: Person) -> dict[str, str]:
    names = ("given_name", "family_name", "email", "phone", "mobile", "plz")
    return {name: getattr(person, name) for name in names}
