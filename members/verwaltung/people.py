"""Master data of people; their list is the page *Personen*."""

from members.forms.people import PersonForm
from members.models import Person
from members.policies import can_edit_people, can_see_people
from members.services import master_data
from portal.common.verwaltung import Card, Column, Section, register, register_card

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
        hint="Die Anmeldeadresse eines Zugangs ändert sich hiermit nicht.",
        list_url="members:people",
        events={
            "person.created": "angelegt",
            "person.changed": "geändert",
            "person.changed_self": "selbst geändert",
            "person.changed_by_link": "per Link aus der Mail geändert",
            "person.gliederung_decided": "zugeordnet",
        },
    )
)
register_card(
    Card(PERSONEN.title, PERSONEN.sentence, PERSONEN.icon, PERSONEN.list_url, may=can_see_people)
)
