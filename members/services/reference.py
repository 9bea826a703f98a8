"""Facts every installation starts with: municipalities, topics, the shipped promises."""

import csv
from datetime import date
from pathlib import Path

from django.db import transaction

from members.models import Kommune, MilestoneTemplate, PostalCode, Step, Topic
from portal.common import consents, reference
from portal.common.models import ConsentText
from portal.common.outbox import languages

DATA = Path(__file__).resolve().parent.parent / "data" / "region_hannover"
FIRST_DAY = date(2026, 11, 1)
# The six of the region's alliance, and three that people asked for.
TOPICS = (
    ("klima", "Klima"),
    ("mobilitaet", "Mobilität"),
    ("gesundheit", "Gesundheit"),
    ("wohnen", "Wohnen"),
    ("wirtschaft", "Wirtschaft & Arbeit"),
    ("bildung", "Bildung"),
    ("digitales", "Digitalisierung"),
    ("sicherheit", "Sicherheit und Zusammenleben"),
    ("sonstiges", "Sonstiges"),
)
# code, title, kind, opens after, due after (months), what the newcomer reads
STANDARD = (
    (
        "erstkontakt",
        "Erstes Gespräch",
        Step.Kind.CONTACT,
        0,
        1,
        "Jemand bei dir vor Ort lernt dich kennen und fragt, was du dir wünschst.",
    ),
    (
        "parteibuch",
        "Parteibuch",
        Step.Kind.HANDOVER,
        0,
        3,
        "Du bekommst dein Parteibuch, am schönsten persönlich.",
    ),
    (
        "zweitkontakt",
        "Zweites Gespräch",
        Step.Kind.CONTACT,
        3,
        6,
        "Wir fragen, ob du angekommen bist, gern zusammen mit jemandem aus Rat oder Parlament.",
    ),
)
# For members who never got a chance to arrive; counted from the day they are invited anew.
AGAIN = (
    (
        "wiedersehen",
        "Gespräch",
        Step.Kind.CONTACT,
        0,
        1,
        "Jemand bei dir vor Ort meldet sich und fragt, was du dir wünschst.",
    ),
    (
        "zweites-wiedersehen",
        "Zweites Gespräch",
        Step.Kind.CONTACT,
        3,
        6,
        "Wir fragen, ob du Anschluss gefunden hast.",
    ),
)
# code → name, steps
TEMPLATES = {
    "1-3-6": ("1-3-6-Standard", STANDARD),
    "wieder-anschluss": ("Wieder Anschluss finden", AGAIN),
}
# What *Mein Start* says in every language, by code.
SHIPPED_STEPS = {step[0]: (step[1], step[5]) for step in (*STANDARD, *AGAIN)}
# purpose → language → text; a changed text is a new version, never an edit.
MESSENGER = "messenger"
INTEREST = "interest"
consents.register(
    consents.Purpose(
        MESSENGER,
        "Messenger",
        "Nur damit darf dir jemand über einen Messenger schreiben.",
    )
)
consents.register(
    consents.Purpose(
        INTEREST,
        "Ich will mitmachen",
        "Nur damit sind deine Angaben aus dem Formular gespeichert, bis du Mitglied bist.",
        is_confirmed_by_mail=True,
    )
)
CONSENTS = {
    # Not yet a member: Sie, and Art. 9 (2) a instead of d.
    INTEREST: {
        "de": (
            "Ich bin einverstanden, dass die Partei meine Angaben speichert und mich jemand aus "
            "meinem Ort anruft oder mir schreibt. Ich weiß: Daraus geht hervor, dass ich mich für "
            "diese Partei interessiere. Ich kann das jederzeit zurücknehmen, dann wird alles "
            "gelöscht."
        ),
        "leicht": (
            "Die Partei darf aufschreiben, was ich hier sage. "
            "Jemand aus meinem Ort darf mich anrufen oder mir schreiben. "
            "Wer das liest, weiß: Ich interessiere mich für diese Partei. "
            "Ich kann immer Nein sagen. Dann wird alles gelöscht."
        ),
        "en": (
            "The party may keep what I enter here, and somebody from my area may call or write to "
            "me. I know that this shows my interest in this party. I can take this back at any "
            "time, then everything is deleted."
        ),
    },
    MESSENGER: {
        "de": (
            "Meine Ansprechperson darf mir über einen Messenger schreiben, den wir beide nutzen. "
            "Ich weiß: Der Anbieter des Messengers erfährt dann, dass wir Kontakt haben."
        ),
        "leicht": (
            "Meine Ansprechperson darf mir über einen Messenger schreiben. "
            "Ein Messenger ist zum Beispiel Signal. "
            "Die Firma vom Messenger kann dann sehen, dass wir uns schreiben."
        ),
        "en": (
            "My contact may write to me with a messenger that we both use. "
            "I know that the company behind it can then see that we are in touch."
        ),
    },
}


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def load_reference() -> None:
    """Create what is missing; running it again changes nothing."""
    languages.load_shipped()
    _load_topics()
    _load_templates()
    _load_consent_texts()
    _load_kommunen()
    reference.load()


def _load_topics() -> None:
    for position, (code, name) in enumerate(TOPICS):
        Topic.objects.get_or_create(code=code, defaults={"name": name, "position": position})


def _load_templates() -> None:
    """Ship what is missing; a template that exists belongs to staff and stays as they made it."""
    for code, (name, steps) in TEMPLATES.items():
        template, is_new = MilestoneTemplate.objects.get_or_create(
            code=code, defaults={"name": name}
        )
        if is_new:
            Step.objects.bulk_create(
                Step(
                    template=template,
                    position=position,
                    code=step,
                    title=title,
                    kind=kind,
                    opens_after_months=opens,
                    due_after_months=due,
                    explanation=text,
                )
                for position, (step, title, kind, opens, due, text) in enumerate(steps, start=1)
            )


def _load_consent_texts() -> None:
    for purpose, texts in CONSENTS.items():
        for language, text in texts.items():
            ConsentText.objects.get_or_create(
                purpose=purpose,
                version=1,
                language=language,
                defaults={"text": text, "valid_from": FIRST_DAY},
            )


def _load_kommunen() -> None:
    kommunen: dict[str, Kommune] = {}
    for row in _rows("municipalities.csv"):
        kommunen[row["ags"]], _ = Kommune.objects.get_or_create(
            ags=row["ags"],
            defaults={
                "name": row["name"],
                "short_name": row["short_name"],
                "population": int(row["population_2024_12_31"]),
            },
        )
    for row in _rows("postal_codes.csv"):
        PostalCode.objects.get_or_create(plz=row["plz"], kommune=kommunen[row["ags"]])
    for row in _rows("neighbours.csv"):
        kommunen[row["ags"]].neighbours.add(kommunen[row["neighbour_ags"]])
