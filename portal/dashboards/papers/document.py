"""What a paper consists of: a few kinds of blocks, so that page, PDF and file say the same."""

from dataclasses import dataclass
from typing import ClassVar, Self

from members.models import District

DRAFT = "Entwurf – mit der/dem Datenschutzbeauftragten abzustimmen"
GAPS = (
    "Was in «…» steht, füllt das Portal aus „Verwaltung → Einstellungen“. Das ausgefüllte Papier "
    "liegt dort unter „Datenschutz-Papiere“. Diese Datei wird erzeugt: manage.py papers --write"
)


@dataclass(frozen=True, slots=True)
class Heading:
    kind: ClassVar[str] = "heading"
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class Points:
    kind: ClassVar[str] = "points"
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said about one thing: a word and its answer, again and again."""

    kind: ClassVar[str] = "facts"
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """One sentence for everybody, and the details for whoever wants to know more."""

    kind: ClassVar[str] = "layer"
    title: str
    text: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`name` tells tables apart for whoever hears the page."""

    kind: ClassVar[str] = "table"
    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """Each cell with the word above it: on a phone a row stands below itself."""
        return [list(zip(self.head, row, strict=True)) for row in self.rows]


Block = Heading | Text | Points | Facts | Layer | Table


@dataclass(frozen=True, slots=True)
class House:
    """Whose papers these are. What nobody has entered stands there as a gap to be filled."""

    controller: str = "«Partei und Gliederung»"
    office: str = "«Geschäftsstelle»"
    address: str = "«Straße, PLZ und Ort»"
    phone: str = "«Telefon»"
    email: str = "«E-Mail»"
    protection: str = "«Datenschutzbeauftragte:r»"
    authority: str = "«Aufsichtsbehörde»"

    @classmethod
    def of(cls, district: District | None) -> Self:
        """Return the settings of this district, gaps where one is empty."""
        if district is None:
            return cls()
        node = district.gliederung
        values = {
            "controller": f"{district.party} {node.level.name} {node.name}",
            "office": district.office_name,
            "address": ", ".join(part for part in (district.street, district.city) if part),
            "phone": district.phone,
            "email": district.email,
            "protection": district.data_protection,
            "authority": district.authority,
        }
        return cls(**{name: value for name, value in values.items() if value.strip()})
