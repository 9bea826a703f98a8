"""What staff enter about the tree, places, topics and the district's settings."""

import re
from typing import Any

from django import forms

from members.forms.fields import PLZ
from members.models import District, Gliederung, Kommune, Level, Topic
from portal.common.verwaltung import ActionForm, RowForm


class TopicForm(RowForm):
    class Meta:
        model = Topic
        fields = ("name", "position", "is_offered")


class LevelForm(RowForm):
    class Meta:
        model = Level
        fields = ("name", "short", "position", "takes_members", "mentors_stay")
        help_texts = {"position": "Kleinere Zahlen liegen weiter oben."}


def open_gliederungen(user: Any) -> Any:
    """What can be chosen: open Gliederungen of the user's office, by level and name."""
    found = Gliederung.objects.where(user, can="org.manage").open()
    return found.select_related("level").order_by("level__position", "name")


class GliederungForm(RowForm):
    parent = forms.ModelChoiceField(
        label="gehört zu", queryset=Gliederung.objects.none(), empty_label="Bitte wählen"
    )

    class Meta:
        model = Gliederung
        fields = ("name", "level", "kommunen")
        widgets = {"kommunen": forms.CheckboxSelectMultiple}

    field_order = ("name", "level", "parent", "kommunen")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].queryset = Level.objects.order_by("position")  # type: ignore[attr-defined]
        self.fields["level"].empty_label = "Bitte wählen"  # type: ignore[attr-defined]
        self.fields["kommunen"].queryset = Kommune.objects.order_by("short_name")  # type: ignore[attr-defined]
        if self.instance._state.adding:
            self.fields["parent"].queryset = open_gliederungen(self.user)  # type: ignore[attr-defined]
        else:
            del self.fields["parent"]  # moving rewrites the subtree: a verb of its own

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class TargetForm(ActionForm):
    """Where to: under which Gliederung, or into which."""

    target = forms.ModelChoiceField(
        label="Wohin?", queryset=Gliederung.objects.none(), empty_label="Bitte wählen"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["target"]
        field.queryset = open_gliederungen(self.user).exclude(path__startswith=self.row.path)


class KommuneForm(RowForm):
    plz = forms.CharField(
        label="Postleitzahlen",
        required=False,
        help_text="Mit Komma oder Leerzeichen dazwischen, zum Beispiel 30989, 30974.",
    )
    gliederungen = forms.ModelMultipleChoiceField(
        label="Wer ist hier zuständig?",
        queryset=Gliederung.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Kommune
        fields = ("name", "short_name", "ags", "population")

    field_order = ("name", "short_name", "ags", "population", "plz", "gliederungen")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["gliederungen"]
        field.queryset = open_gliederungen(self.user).filter(level__takes_members=True)
        if not self.instance._state.adding:
            codes = self.instance.postal_codes.order_by("plz").values_list("plz", flat=True)
            self.initial["plz"] = ", ".join(codes)
            own = self.instance.gliederungen.open()
            self.initial["gliederungen"] = list(own.values_list("pk", flat=True))

    def clean_ags(self) -> str:
        ags: str = self.cleaned_data["ags"]
        if not re.fullmatch(r"\d{8}", ags):
            raise forms.ValidationError("Der Gemeindeschlüssel hat acht Ziffern.")
        return ags

    def clean_plz(self) -> list[str]:
        codes = re.split(r"[\s,;]+", self.cleaned_data["plz"].strip())
        wrong = [code for code in codes if code and not PLZ.fullmatch(code)]
        if wrong:
            raise forms.ValidationError(f"„{wrong[0]}“ ist keine Postleitzahl mit fünf Ziffern.")
        return sorted({code for code in codes if code})


class DistrictForm(RowForm):
    class Meta:
        model = District
        exclude = ("gliederung",)

    def clean_newcomer_months(self) -> int:
        months: int = self.cleaned_data["newcomer_months"]
        if not 1 <= months <= 36:
            raise forms.ValidationError("Bitte gib eine Zahl zwischen 1 und 36 an.")
        return months
