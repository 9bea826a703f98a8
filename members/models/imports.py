"""An import is staged first, then applied as a whole; the staging is erased within a day."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from members.models.people import Person
from portal.common import periods
from portal.common.base import BaseModel
from portal.common.scope import ScopedManager

UNDO_LIVES = periods.IMPORT


class ImportProfile(BaseModel):
    """How somebody mapped the columns of one layout, so that nobody has to do it twice."""

    name = models.CharField("Name", max_length=60)
    header_key = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of the sorted, folded column names"
    )
    mapping = models.JSONField("Zuordnung", default=dict, help_text="field → column name")
    created_at = models.DateTimeField("angelegt am")

    class Meta:
        verbose_name = "Spaltenzuordnung"
        verbose_name_plural = "Spaltenzuordnungen"

    def __str__(self) -> str:
        return self.name


class ImportRun(BaseModel):
    """One uploaded file: counts, time and hash stay; content and rows do not."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "wird geprüft"
        MAPPING = "mapping", "Spalten zuordnen"
        STAGED = "staged", "wartet auf dich"
        APPLYING = "applying", "wird übernommen"
        APPLIED = "applied", "übernommen"
        UNDOING = "undoing", "wird zurückgenommen"
        UNDONE = "undone", "zurückgenommen"
        DISCARDED = "discarded", "verworfen"

    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.STAGED)
    sha256 = models.CharField("Prüfsumme", max_length=64)
    # Kept until the rows are staged, at most 24 hours.
    content = models.BinaryField("Inhalt", null=True, editable=False)
    # While somebody says what they mean: [name, [examples]] per column. Erased with the content.
    columns = models.JSONField("Spalten", default=list, editable=False)
    # Counted before a check begins: a file that takes its worker along must not come back for ever.
    check_starts = models.PositiveSmallIntegerField("begonnene Prüfungen", default=0)
    asks_for_columns = models.BooleanField("Spalten selbst zuordnen", default=False)
    profile = models.ForeignKey(
        ImportProfile, models.SET_NULL, null=True, related_name="+", verbose_name="Zuordnung"
    )
    reason = models.CharField("Grund", max_length=300, blank=True)
    encoding = models.CharField("Zeichensatz", max_length=20, blank=True)
    unused_columns = ArrayField(
        models.CharField(max_length=60), default=list, verbose_name="nicht übernommene Spalten"
    )
    created_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    created_at = models.DateTimeField("hochgeladen am")
    applied_at = models.DateTimeField("übernommen am", null=True, blank=True)
    counts = models.JSONField("Zahlen", default=dict)
    mails = models.PositiveIntegerField("Mails", default=0)
    letters = models.PositiveIntegerField("Briefe", default=0)
    # Who asked for what runs in the background now; the task itself knows only the run.
    ordered_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name="beauftragt von"
    )
    undone_at = models.DateTimeField("zurückgenommen am", null=True, blank=True)
    undo_report = models.JSONField(
        "zurückgenommen", default=dict, help_text="counts only: deleted, restored, kept and why"
    )

    class Meta:
        verbose_name = "Import"

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.state}"

    @property
    def was_never_checked(self) -> bool:
        """The file could not be read, or was thrown away before."""
        return self.state == self.State.DISCARDED and not self.counts

    @property
    def encoding_was_guessed(self) -> bool:
        return self.encoding in ("cp1252", "utf-16")

    def telling_names(self) -> list[str]:
        """Up to three texts that show whether the encoding was guessed right."""
        beyond_ascii = "[^\\x01-\\x7f]"
        if self.columns:
            texts = [text for _, examples in self.columns for text in examples]
            return [text for text in texts if not text.isascii()][:3]
        rows = self.rows.filter(values__family_name__regex=beyond_ascii)
        return [
            f"{row.values.get('given_name', '')} {row.values['family_name']}".strip()
            for row in rows[:3]
        ]

    @property
    def is_running(self) -> bool:
        """Is a task taking it over, or back, right now?"""
        return self.state in (self.State.APPLYING, self.State.UNDOING)

    @property
    def undo_until(self) -> datetime | None:
        """Until when the import can be taken back; None when it was never taken over."""
        return self.applied_at + UNDO_LIVES if self.applied_at else None


class ImportRow(models.Model):
    """One staged row with its verdict; personal data that is erased after use or 24 hours."""

    class Verdict(models.TextChoices):
        REJECTED = "rejected", "abgelehnt"
        SAME = "same", "vermutlich dieselbe Person"
        LEFT = "left", "ausgetreten"
        MOVED = "moved", "umgezogen"
        NEW = "new", "neu"
        CHANGED = "changed", "geändert"
        UNCHANGED = "unchanged", "unverändert"

    class Decision(models.TextChoices):
        SAME = "same", "dieselbe Person"
        OTHER = "other", "jemand anderes"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("Zeile")
    verdict = models.CharField("Ergebnis", max_length=10, choices=Verdict.choices)
    values = models.JSONField("Werte", default=dict)
    problems = models.JSONField("Hinweise", default=list)
    changed = ArrayField(models.CharField(max_length=40), default=list)
    # „Vermutlich dieselbe Person“: whom the row looks like, and what a human said (R5).
    lookalike = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    decision = models.CharField(
        "Entscheidung", max_length=10, choices=Decision.choices, blank=True, default=""
    )

    objects = ScopedManager()

    class Meta:
        verbose_name = "Importzeile"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="importrow_once"),
            models.UniqueConstraint(
                fields=["run", "lookalike"],
                condition=models.Q(decision="same"),
                name="importrow_person_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verdict}"


class ImportChange(models.Model):
    """What an applied import did to one person, so that it can be taken back for 24 hours."""

    class Action(models.TextChoices):
        CREATED = "created", "angelegt"
        UPDATED = "updated", "geändert"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="changes")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    action = models.CharField("Was geschah", max_length=10, choices=Action.choices)
    before = models.JSONField("vorher", default=dict)
    after = models.JSONField("nachher", default=dict)

    objects = ScopedManager()

    class Meta:
        verbose_name = "Importänderung"
        constraints = [models.UniqueConstraint(fields=["run", "person"], name="importchange_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.action}"
