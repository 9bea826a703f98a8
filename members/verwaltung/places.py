"""Kommunen and postal codes, topics, levels, the district's settings."""

from django.db.models import Count, Q

from members.forms.organisation import DistrictForm, KommuneForm, LevelForm, TopicForm
from members.models import District, Kommune, Level, Topic
from members.policies import can_manage_organisation
from members.services import master_data, topics, tree
from portal.common.verwaltung import Column, Section, State, register

register(
    Section(
        code="kommunen",
        title="Kommunen",
        sentence="Welche Postleitzahlen wohin gehören und wer dort zuständig ist.",
        icon="map",
        may=can_manage_organisation,
        rows=lambda _user: Kommune.objects.prefetch_related(
            "postal_codes", "gliederungen"
        ).order_by("short_name"),
        columns=(
            Column("Name", lambda kommune: kommune.short_name),
            Column("PLZ", lambda kommune: _listed(code.plz for code in kommune.postal_codes.all())),
            Column(
                "zuständig",
                lambda kommune: _listed(
                    node.name for node in kommune.gliederungen.all() if not node.closed_on
                ),
            ),
        ),
        form=KommuneForm,
        save=lambda form, user: master_data.save_kommune(form, user.person),
        new="Neue Kommune",
        search=lambda rows, words: rows.filter(
            Q(name__icontains=words) | Q(postal_codes__plz__startswith=words)
        ).distinct(),
        events=(
            "kommune.created",
            "kommune.changed",
        ),
    )
)
register(
    Section(
        code="themen",
        title="Themen",
        sentence="Was Menschen wichtig ist. Daraus wählen alle.",
        icon="tag",
        may=can_manage_organisation,
        rows=lambda _user: Topic.objects.all(),
        columns=(Column("Name", lambda topic: topic.name),),
        form=TopicForm,
        save=lambda form, user: topics.save_topic(form, user.person),
        new="Neues Thema",
        hint="Ein Thema wird nie gelöscht, denn Menschen haben es gewählt. "
        "Was nicht mehr zur Wahl steht, bleibt bei ihnen stehen.",
        search=lambda rows, words: rows.filter(name__icontains=words),
        state=lambda topic: None if topic.is_offered else State("nicht mehr zur Wahl"),
        events=(
            "topic.created",
            "topic.changed",
        ),
    )
)
register(
    Section(
        code="ebenen",
        title="Ebenen",
        sentence="Wie die Stufen der Partei hier heißen.",
        icon="bars-3-bottom-left",
        may=can_manage_organisation,
        rows=lambda _user: Level.objects.annotate(
            nodes=Count("gliederung", filter=Q(gliederung__closed_on=None))
        ).order_by("position"),
        columns=(
            Column("Name", lambda level: level.name),
            Column("Kurzform", lambda level: level.short),
            Column(
                "Gliederungen",
                lambda level: "1 Gliederung" if level.nodes == 1 else f"{level.nodes} Gliederungen",
            ),
        ),
        form=LevelForm,
        save=lambda form, user: tree.save_level(form, user.person),
        new="Neue Ebene",
        state=lambda level: State("nimmt Mitglieder auf") if level.takes_members else None,
        events=(
            "level.created",
            "level.changed",
        ),
    )
)
register(
    Section(
        code="einstellungen",
        title="Einstellungen",
        sentence="Name, Anschrift, Telefon und was für alle gilt.",
        icon="cog-6-tooth",
        may=can_manage_organisation,
        rows=lambda _user: District.objects.select_related("gliederung__level"),
        columns=(Column("Parteigebiet", lambda district: str(district)),),
        form=DistrictForm,
        save=lambda form, user: master_data.save_district(form, user.person),
        single=True,
        events=("district.changed",),
    )
)


def _listed(names: "object", shown: int = 4) -> str:
    """The first names, and how many more."""
    found = sorted(names)  # type: ignore[call-overload]
    more = f" und {len(found) - shown} weitere" if len(found) > shown else ""
    return ", ".join(found[:shown]) + more
