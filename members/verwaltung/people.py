"""Master data of people; their list is the page *Personen*."""

from collections.abc import Iterator

from django.urls import reverse

from members.forms.people import PersonForm
from members.models import Person, User
from members.policies import can_edit_people, can_manage_access, can_see_people
from members.services import master_data
from portal.common.verwaltung import PEOPLE, Card, Column, Fact, Section, register, register_card


def _facts(person: Person, user: User) -> Iterator[Fact]:
    """What usually comes next for somebody new: an office, and the way in."""
    held = ", ".join(str(amt) for amt in person.aemter.unfinished().select_related("gliederung"))
    url = reverse("dashboards:verwaltung_new", args=["aemter"])
    yield Fact("Amt", held or "keins", f"{url}?person={person.pk}", "Amt geben")
    if can_manage_access(user):
        has_login = User.objects.filter(person=person).exists()
        yield Fact(
            "Zugang",
            "eingerichtet" if has_login else "noch keiner",
            reverse("members:access", args=[person.pk]),
            "ansehen" if has_login else "Einladung schicken",
        )


PERSONEN = register(
    Section(
        code="personen",
        title="Personen",
        sentence="Jemanden finden und Daten ändern.",
        icon="identification",
        may=can_edit_people,
        rows=lambda user: Person.objects.visible_to(user),
        columns=(Column("Name", lambda person: person.full_name),),
        form=PersonForm,
        save=lambda form, user: master_data.save_person(form, user.person),
        new="Neue Person",
        facts=_facts,
        hint="Die Anmeldeadresse eines Zugangs ändert sich hiermit nicht.",
        list_url="members:people",
        events=(
            "person.created",
            "person.changed",
            "person.changed_self",
            "person.changed_by_link",
            "person.gliederung_decided",
        ),
    )
)
register_card(
    Card(
        PERSONEN.title,
        PERSONEN.sentence,
        PERSONEN.icon,
        PERSONEN.list_url,
        can_see_people,
        PEOPLE,
    )
)
