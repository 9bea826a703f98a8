"""The seven goals of the Standard-Datenschutzmodell: the columns of the impact assessment."""

from enum import Enum


class Goal(Enum):
    MINIMAL = "Datenminimierung"
    AVAILABLE = "Verfügbarkeit"
    INTEGRITY = "Integrität"
    SECRET = "Vertraulichkeit"  # noqa: S105 -- a word, not a password
    UNLINKED = "Nichtverkettung"
    OPEN = "Transparenz"
    CONTROL = "Intervenierbarkeit"


# The heads of narrow columns.
SHORT = {
    Goal.MINIMAL: "DM",
    Goal.AVAILABLE: "VF",
    Goal.INTEGRITY: "IN",
    Goal.SECRET: "VT",
    Goal.UNLINKED: "NV",
    Goal.OPEN: "TR",
    Goal.CONTROL: "IV",
}
# What the goal means here, and how much protection it needs.
MEANING = {
    Goal.MINIMAL: "Wir speichern, was für den nächsten Anruf nötig ist. Bedarf: hoch.",
    Goal.AVAILABLE: "Fällt das Portal aus, telefonieren Menschen weiter. Bedarf: normal.",
    Goal.INTEGRITY: "Angaben und Zusagen stimmen und gehören zur richtigen Person. Bedarf: hoch.",
    Goal.SECRET: "Wer in einer Partei ist, geht niemanden sonst etwas an. Bedarf: hoch.",
    Goal.UNLINKED: "Nichts wird für einen anderen Zweck zusammengeführt. Bedarf: hoch.",
    Goal.OPEN: "Jede Person kann sehen, was über sie hier steht und wer es sieht. Bedarf: hoch.",
    Goal.CONTROL: "Auskunft, Berichtigung, Einschränkung, Löschung gehen wirklich. Bedarf: hoch.",
}
