"""Where somebody may belong, judged by what is known."""

from members.models import District, Gliederung, Kommune, Person

# More buttons than this are no suggestion any more.
MOST_SUGGESTIONS = 3


def likely_gliederungen(person: Person) -> list[Gliederung]:
    """Return the two or three Ortsvereine this postal code leaves; none if it leaves more."""
    if not person.plz:
        return []
    kommunen = Kommune.objects.filter(postal_codes__plz=person.plz)
    below = Gliederung.objects.open().subtree(District.current().gliederung)
    found = below.filter(level__takes_members=True, kommunen__in=kommunen).distinct()
    likely = list(found.select_related("level").order_by("name")[: MOST_SUGGESTIONS + 1])
    return likely if len(likely) <= MOST_SUGGESTIONS else []
