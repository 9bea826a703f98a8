"""The record of processing activities (Art. 30)."""

from collections.abc import Iterator

from portal.dashboards.papers.activities import ACTIVITIES, Activity
from portal.dashboards.papers.derive import (
    categories,
    companions,
    is_special,
    recipients,
    ruled,
    staying,
    title_of,
)
from portal.dashboards.papers.document import Block, Facts, Heading, House, Points, Text

MEASURES = (
    "Zugang: eigenes Konto je Person, zweiter Faktor für jedes Amt, das andere zeigt, Rechte "
    "enden mit dem Amt.",
    "Sicht: Jede Abfrage ist auf die eigene Gliederung beschränkt; die Datenbank kennt eine Rolle "
    "mit wenigen Rechten.",
    "Übertragung: nur verschlüsselt, Mails mit TLS, keine fremden Server, keine Zählung.",
    "Protokoll: wer wann was getan hat, ohne Inhalte.",
    "Sicherungen: täglich, verschlüsselt, das Zurückspielen wird geübt.",
    "Löschen: jede Nacht nach dem Löschkonzept.",
)


def record(house: House) -> Iterator[Block]:
    yield Heading("Wer verantwortlich ist")
    yield Facts(
        (
            ("Verantwortlich", f"{house.controller}, {house.office}, {house.address}"),
            ("Telefon und E-Mail", f"{house.phone}, {house.email}"),
            ("Datenschutzbeauftragte:r", house.protection),
            ("Aufsichtsbehörde", house.authority),
            (
                "Auftragsverarbeiter (Art. 28)",
                "«Betrieb des Servers», «Mailversand»: mit dem Vertrag von Hand eintragen",
            ),
            ("Übermittlung in Drittländer", "findet durch das Portal nicht statt"),
        )
    )
    yield Heading("Die Verarbeitungen")
    for number, activity in enumerate(ACTIVITIES, 1):
        yield Heading(f"{number}. {activity.name}", level=3)
        yield Facts(tuple(_facts(activity)))
    yield Heading("Technische und organisatorische Maßnahmen (Art. 32)")
    yield Points(MEASURES)
    yield Text("Welche Risiken damit gemeint sind, steht in der Folgenabschätzung.")


def _facts(activity: Activity) -> Iterator[tuple[str, str]]:
    yield "Zweck", activity.purpose
    if activity.basis:
        yield "Rechtsgrundlage", "; ".join(activity.basis)
    if activity.citizens_basis:
        yield "Rechtsgrundlage bei Nichtmitgliedern", "; ".join(activity.citizens_basis)
    yield "Betroffene", ", ".join(activity.people)
    kinds = ", ".join(categories(activity))
    special = "; besondere Kategorie nach Art. 9" if is_special(activity) else ""
    yield "Kategorien von Daten", kinds + special
    yield "Datenbestände", ", ".join(title_of(label) for label in activity.models)
    yield "Empfänger", ", ".join(recipients(activity))
    ends = [*ruled(activity), *companions(activity), *staying(activity)]
    yield "Löschung", "; ".join(period.sentence for period in ends)
