"""What mentors say about themselves, and what both sides of a tandem enter."""

from datetime import date
from typing import Any

from django import forms

from members.labels import LANGUAGES, SLOTS
from members.models import Mentor, TandemMeeting, TandemReport, Topic
from portal.common import clock
from portal.common.forms import DayInput, PortalFormMixin

FLINTA_HELP = (
    "Nur, wenn du magst. Manche wünschen sich das, und nur dafür wird es gebraucht. "
    "Angezeigt wird es niemandem."
)


class MentorForm(PortalFormMixin, forms.Form):
    """The same for whoever would like to become one and for whoever is one."""

    topics = forms.ModelMultipleChoiceField(
        Topic.objects.none(),
        label="Worüber sprichst du gern?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Bitte wähle mindestens ein Thema."},
    )
    functions = forms.CharField(
        label="Womit kennst du dich aus?",
        max_length=120,
        required=False,
        help_text="Zum Beispiel: Ortsrat, Kasse, Plakatieren. Sehen nur Menschen im Tandem.",
    )
    languages = forms.MultipleChoiceField(
        label="Welche Sprachen sprichst du?",
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Bitte wähle mindestens eine Sprache."},
    )
    availability = forms.MultipleChoiceField(
        label="Wann hast du Zeit?",
        choices=list(SLOTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    capacity = forms.TypedChoiceField(
        label="Wie viele Menschen zur gleichen Zeit?",
        choices=[(1, "eine Person"), (2, "zwei"), (3, "drei")],
        coerce=int,
        initial=2,
        widget=forms.RadioSelect,
    )
    is_flinta = forms.BooleanField(
        label="Ich bin eine Frau oder FLINTA*-Person", required=False, help_text=FLINTA_HELP
    )
    accepts_minors = forms.BooleanField(
        label="Ich begleite auch Minderjährige (nach Schutzkonzept, immer zu zweit)",
        required=False,
    )
    promise = forms.BooleanField(
        label="Was mir jemand erzählt, behalte ich für mich. Ich dränge niemanden zu etwas.",
        error_messages={"required": "Ohne dieses Versprechen geht es nicht."},
    )

    def __init__(self, *args: Any, mentor: Mentor | None, person: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "topics": list(person.topics.all()),
            "languages": person.languages or ["de"],
            "availability": person.availability,
            "is_flinta": person.is_flinta,
            "functions": mentor.functions if mentor else "",
            "capacity": mentor.capacity if mentor else 2,
            "accepts_minors": bool(mentor and mentor.accepts_minors),
        }
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        own = [topic.pk for topic in kwargs["initial"]["topics"]]
        fields["topics"].queryset = Topic.objects.filter(is_offered=True) | Topic.objects.filter(
            pk__in=own
        )
        for name, table in (("languages", LANGUAGES), ("availability", SLOTS)):
            old = [code for code in getattr(person, name) if code not in table]
            fields[name].choices = [*table.items(), *((code, code) for code in old)]
        if mentor is None or not mentor.accepts_minors:
            del fields["accepts_minors"]  # the coordinator ticks it, with the paper at hand
        if mentor is not None:
            del fields["promise"]


class PrepareForm(PortalFormMixin, forms.Form):
    """What the coordinator confirms after the talk."""

    prepared_on = forms.DateField(label="Vorbereitet am", widget=DayInput())
    accepts_minors = forms.BooleanField(
        label="Darf Minderjährige begleiten: Führungszeugnis gesehen, Schutzkonzept unterschrieben",
        required=False,
    )
    active_to = forms.DateField(
        label="Letzter Tag",
        widget=DayInput(),
        required=False,
        help_text="Leer, wenn kein Ende vereinbart ist.",
    )

    def clean_prepared_on(self) -> date:
        day: date = self.cleaned_data["prepared_on"]
        if day > clock.today():
            raise forms.ValidationError("Dieser Tag liegt in der Zukunft.")
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        prepared, last = said.get("prepared_on"), said.get("active_to")
        if prepared and last and last < prepared:
            self.add_error("active_to", "Der letzte Tag liegt vor der Vorbereitung.")
        return said


class MeetingForm(PortalFormMixin, forms.Form):
    """On which day and how; nothing about what."""

    met_on = forms.DateField(label="Wann?", widget=DayInput())
    how = forms.ChoiceField(
        label="Wie?",
        choices=TandemMeeting.How.choices,
        initial=TandemMeeting.How.MEETING,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, started_on: date, **kwargs: Any) -> None:
        kwargs["initial"] = {"met_on": clock.today()}
        super().__init__(*args, **kwargs)
        self.started_on = started_on

    def clean_met_on(self) -> date:
        day: date = self.cleaned_data["met_on"]
        if not self.started_on <= day <= clock.today():
            raise forms.ValidationError(
                "Bitte einen Tag zwischen dem Beginn des Tandems und heute wählen."
            )
        return day


class ReportForm(PortalFormMixin, forms.Form):
    text = forms.CharField(
        label="Was ist passiert?",
        required=False,
        max_length=TandemReport._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Du musst nichts schreiben. Dann rufen wir dich einfach an.",
    )
    told = forms.ChoiceField(
        label="Was sollen wir tun?",
        choices=[
            ("melden", "Kontakt sperren, und zwei Menschen der Geschäftsstelle rufen mich an"),
            ("sperren", "Nur den Kontakt sperren, ich möchte nicht darüber sprechen"),
        ],
        initial="melden",
        widget=forms.RadioSelect,
    )


class FeedbackForm(PortalFormMixin, forms.Form):
    """Five questions (E5); read in sums only."""

    useful = forms.TypedChoiceField(
        label="Hat dir das Tandem geholfen?",
        choices=[(4, "ja"), (3, "eher ja"), (2, "eher nein"), (1, "nein")],
        coerce=int,
        widget=forms.RadioSelect,
    )
    meetings = forms.IntegerField(
        label="Wie oft habt ihr euch ungefähr getroffen?", min_value=0, max_value=99
    )
    missing = forms.CharField(
        label="Was hat gefehlt?",
        max_length=280,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Bitte keine Namen.",
    )
    again = forms.TypedChoiceField(
        label="Würdest du es wieder tun?",
        choices=[("ja", "ja"), ("nein", "nein")],
        coerce=lambda value: value == "ja",
        widget=forms.RadioSelect,
    )
    involved = forms.TypedChoiceField(
        label="Machst du jetzt irgendwo mit?",
        choices=[("ja", "ja"), ("nein", "nein")],
        coerce=lambda value: value == "ja",
        widget=forms.RadioSelect,
    )


class CareForm(forms.Form):
    """What the coordinator did about a tandem."""

    step = forms.ChoiceField(
        choices=[
            (name, name) for name in ("called", "extend", "complete", "stop", "block", "guardian")
        ]
    )


class RuleForm(forms.Form):
    """Hold a pair, or keep it apart."""

    kind = forms.ChoiceField(choices=[(name, name) for name in ("fixed", "free", "forbidden")])
