"""Upload a file, and say what its columns mean."""

from collections import Counter
from typing import Any

from django import forms
from django.utils.html import escape

from members.imports.columns import LABELS, REQUIRED, recognised
from members.imports.sheet import MAX_BYTES, column_key
from members.models import ImportRun
from portal.common.forms import PortalFormMixin


class ImportForm(PortalFormMixin, forms.Form):
    file = forms.FileField(
        label="Mitglieder-Export (CSV oder XLSX)",
        help_text="Höchstens 5 MB. Die Datei wird nach dem Einlesen nicht aufbewahrt.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,text/csv"}),
    )
    asks_for_columns = forms.BooleanField(
        label="Ich möchte die Spalten selbst zuordnen", required=False
    )

    def content(self) -> bytes:
        """Return at most one byte more than allowed, so that the gate can say so."""
        return self.cleaned_data["file"].read(MAX_BYTES + 1)


class MappingForm(PortalFormMixin, forms.Form):
    """One select per column of the file; each of our fields at most once."""

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [name for name, _ in run.columns]
        chosen = self._first_choice(run)
        for number, (name, examples) in enumerate(run.columns):
            # Labels and help texts come from the file, and crispy prints them as they are.
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=escape(name),
                help_text=escape("zum Beispiel " + " · ".join(examples) if examples else "leer"),
                choices=[("", "nicht übernehmen"), *LABELS.items()],
                initial=chosen.get(number, ""),
                required=False,
            )
        self.fields["name"] = forms.CharField(
            label="Name dieser Zuordnung",
            help_text="Die nächste Datei mit denselben Spalten wird damit ohne Nachfrage gelesen.",
            max_length=60,
            initial=run.profile.name if run.profile else "",
        )

    def _first_choice(self, run: ImportRun) -> dict[int, str]:
        """What was said before, else what we recognise."""
        if run.profile:
            keys = [column_key(name) for name in self.names]
            saved = {name: column_key(column) for name, column in run.profile.mapping.items()}
            return {keys.index(key): name for name, key in saved.items() if key in keys}
        return {column: name for name, column in recognised(self.names).items()}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        often = Counter(column_key(name) for name in self.names)
        self.mapping: dict[str, str] = {}
        for number, column in enumerate(self.names):
            name = values.get(f"column_{number}", "")
            if not name:
                continue
            if name in self.mapping:
                taken = f"„{LABELS[name]}“ ist schon bei „{self.mapping[name]}“ gewählt."
                self.add_error(f"column_{number}", taken)
            if often[column_key(column)] > 1:
                self.add_error(
                    f"column_{number}",
                    "Diese Spalte kommt mehrfach vor. Bitte benenne sie in der Datei um.",
                )
            self.mapping[name] = column
        missing = [LABELS[name] for name in REQUIRED if name not in self.mapping]
        if missing:
            raise forms.ValidationError(
                f"Es fehlt noch: {' und '.join(missing)}. Bitte wähle die passende Spalte."
            )
        return values
