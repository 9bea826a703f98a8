"""What staff keep about the organisation, and the pages of this app behind *Verwaltung*."""

from typing import Any

from django.db.models import QuerySet

from members import policies
from members.forms.organisation import TopicForm
from members.models import Topic
from members.services import topics
from portal.common import verwaltung
from portal.common.verwaltung import Card, Column, Section, State


def _search_name(rows: QuerySet[Any, Any], words: str) -> QuerySet[Any, Any]:
    return rows.filter(name__icontains=words)


verwaltung.register(
    Section(
        code="themen",
        title="Themen",
        sentence="Was Menschen wichtig ist.",
        icon="tag",
        may=policies.can_manage_organisation,
        rows=lambda _user: Topic.objects.all(),
        columns=(Column("Name", lambda topic: topic.name),),
        form=TopicForm,
        save=lambda form, user: topics.save_topic(form, user.person),
        new="Neues Thema",
        hint="Ein Thema wird nie gelöscht, denn Menschen haben es gewählt. "
        "Was nicht mehr zur Wahl steht, bleibt bei ihnen stehen.",
        events={"topic.created": "angelegt", "topic.changed": "geändert"},
        search=_search_name,
        state=lambda topic: None if topic.is_offered else State("nicht mehr zur Wahl"),
    )
)

CARDS = (
    Card(
        "Personen",
        "Jemanden finden und Daten ändern.",
        "identification",
        "members:people",
        policies.can_see_people,
    ),
    Card(
        "Import",
        "Den Mitglieder-Export einlesen.",
        "arrow-up-tray",
        "members:import_list",
        policies.can_import,
    ),
    Card(
        "Mentoring",
        "Wer passt zu wem?",
        "hand-raised",
        "members:mentoring",
        policies.can_coordinate_mentoring,
    ),
)
for _card in CARDS:
    verwaltung.register_card(_card)
