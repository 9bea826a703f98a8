"""Narrow the catalogue, and keep it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from members.labels import LANGUAGES, SLOTS, TAGS
from members.models import Amt, Gliederung, Kommune, MitmachOrt, Person, Topic, User
from members.queries.mitmachen import TopicChip
from members.suggestions import ONLINE, SHIFT_WORK, Wanted
from portal.common import clock
from portal.common.forms import DayInput, PortalFormMixin

SHORTEST, LONGEST = 5, 600


class CatalogueForm(PortalFormMixin, forms.Form):
    """Five ways to narrow; a value nobody offers is as good as none."""

    thema = forms.ChoiceField(label="Thema", required=False)
    wo = forms.ChoiceField(label="Wo", required=False)
    zeit = forms.BooleanField(label="passt zu meiner Zeit", required=False)
    zuhause = forms.BooleanField(label="von zu Hause", required=False)
    kurz = forms.BooleanField(label="höchstens eine Stunde", required=False)

    def __init__(
        self,
        *args: Any,
        topics: Iterable[TopicChip],
        kommunen: Iterable[Kommune],
        has_shifts: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        named = [(topic.pk, topic.name) for topic in topics]
        places = [(str(kommune.pk), kommune.short_name) for kommune in kommunen]
        fields: Any = self.fields
        fields["thema"].choices = [("", "alle Themen"), *named]
        fields["wo"].choices = [("", "überall"), (ONLINE, "online"), *places]
        if has_shifts:
            fields["zeit"].label = "passt zu meiner Schicht (nächste 7 Tage)"

    def wanted(self) -> Wanted:
        self.full_clean()
        said = self.cleaned_data
        return Wanted(
            topic=said.get("thema", ""),
            where=said.get("wo", ""),
            my_time=said.get("zeit", False),
            from_home=said.get("zuhause", False),
            short=said.get("kurz", False),
        )


class FewFactsForm(PortalFormMixin, forms.ModelForm):
    """A new place in five facts; everything else can follow."""

    class Meta:
        model = MitmachOrt
        fields: tuple[str, ...] = ("title", "kind", "sentence", "usual_times", "gliederung")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        fields: Any = self.fields
        own = Gliederung.objects.where(user, can="onboarding.act").open()
        places = own.select_related("level").order_by("level__position", "name")
        fields["gliederung"].queryset = places
        fields["gliederung"].initial = user.person.gliederung_id
        if len(places) == 1:
            self.instance.gliederung = places[0]
            del fields["gliederung"]
        fields["usual_times"].label = "Wann?"
        fields["usual_times"].help_text = "Zum Beispiel: jeden ersten Dienstag um 19 Uhr."

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class OrtForm(FewFactsForm):
    """Everything about a place; only the first facts are required."""

    slots = forms.MultipleChoiceField(
        label="Passt zu diesen Zeiten",
        required=False,
        choices=[(code, label) for code, label in SLOTS.items() if code != SHIFT_WORK],
        widget=forms.CheckboxSelectMultiple,
        help_text="Damit vergleicht das Portal, wer Zeit hat, auch bei Schichtarbeit.",
    )
    tags = forms.MultipleChoiceField(
        label="Besonders für",
        required=False,
        choices=list(TAGS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label="Sprache", choices=list(LANGUAGES.items()))
    host = forms.ModelChoiceField(
        label="Begrüßt dich",
        queryset=Person._base_manager.none(),
        required=False,
        empty_label="noch niemand, die Gliederung kümmert sich",
        help_text="Neumitglieder sehen nur den Vornamen. Frag die Person vorher.",
    )

    class Meta(FewFactsForm.Meta):
        fields = (
            *FewFactsForm.Meta.fields,
            "topics",
            "kommune",
            "meeting_point",
            "is_online",
            "from_home",
            "slots",
            "minutes",
            "language",
            "tags",
            "host",
            "just_come",
            "ends_on",
        )
        widgets = {"topics": forms.CheckboxSelectMultiple, "ends_on": DayInput()}
        help_texts = {
            "meeting_point": "Sehen Neumitglieder erst nach dem ersten Gespräch.",
            "minutes": "Leer, wenn es offen ist.",
            "ends_on": "Leer, wenn es weitergeht. Danach verschwindet der Ort von selbst.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        own = [] if self.instance._state.adding else self.instance.topics.values("pk")
        fields["topics"].queryset = Topic.objects.filter(Q(is_offered=True) | Q(pk__in=own))
        fields["kommune"].queryset = Kommune.objects.order_by("short_name")
        fields["kommune"].empty_label = "überall oder nur online"
        fields["host"].queryset = self._hosts()
        fields["host"].label_from_instance = self._name

    def _hosts(self) -> Any:
        """Adults of the Gliederung whom the editor may see, and whoever it is already."""
        here = self.instance.gliederung_id
        office = Amt.objects.active().filter(gliederung=here).values("person")
        seen = Person.objects.visible_to(self.user).filter(
            Q(gliederung=here) | Q(pk=self.user.person_id) | Q(pk__in=office)
        )
        grown = Q(adult_on=None) | Q(adult_on__lte=clock.today())
        self._seen = set(seen.filter(grown).values_list("pk", flat=True))
        chosen = Person.objects.filter(pk__in=[*self._seen, self.instance.host_id])
        return chosen.order_by("sort_name", "pk")

    def _name(self, person: Person) -> str:
        return person.full_name if person.pk in self._seen else person.first_name

    def clean_minutes(self) -> int | None:
        minutes: int | None = self.cleaned_data["minutes"]
        if minutes is not None and not SHORTEST <= minutes <= LONGEST:
            raise forms.ValidationError(
                f"Bitte eine Zahl zwischen {SHORTEST} und {LONGEST}, oder lass es leer."
            )
        return minutes

    def clean_ends_on(self) -> date | None:
        last: date | None = self.cleaned_data["ends_on"]
        if last and last < clock.today() and "ends_on" in self.changed_data:
            raise forms.ValidationError("Dieser Tag ist schon vorbei. Bitte nimm einen späteren.")
        return last
