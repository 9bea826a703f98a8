"""Every paper there is, and its committed file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from portal.dashboards.papers.accessibility import accessibility
from portal.dashboards.papers.deletion import deletion
from portal.dashboards.papers.document import DRAFT, GAPS, Block, House
from portal.dashboards.papers.impact import impact
from portal.dashboards.papers.markdown import as_markdown
from portal.dashboards.papers.notices import for_citizens, for_members
from portal.dashboards.papers.record import record

FOLDER = Path(settings.BASE_DIR) / "docs" / "datenschutz"


@dataclass(frozen=True, slots=True)
class Paper:
    """`public` names the page on which everybody may read it, `heading` is its first line there."""

    code: str
    name: str
    sentence: str
    build: Callable[[House], Iterator[Block]]
    public: str = ""
    heading: str = ""

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.code}.md"


PAPERS = (
    Paper(
        "verzeichnis",
        "Verzeichnis der Verarbeitungstätigkeiten",
        "Was wozu verarbeitet wird, auf welcher Grundlage und wer es bekommt (Art. 30 DSGVO).",
        record,
    ),
    Paper(
        "loeschkonzept",
        "Löschkonzept",
        "Was wann gelöscht wird und warum manches bleibt (nach DIN 66398).",
        deletion,
    ),
    Paper(
        "folgenabschaetzung",
        "Datenschutz-Folgenabschätzung",
        "Risiken, Maßnahmen und der Test, der sie belegt, als Gerüst (Art. 35 DSGVO).",
        impact,
    ),
    Paper(
        "hinweise-mitglieder",
        "Datenschutz-Hinweise für Mitglieder",
        "Was wir von Mitgliedern speichern, wozu und wie lange (Art. 13 DSGVO).",
        for_members,
        "dashboards:privacy",
        "Datenschutz",
    ),
    Paper(
        "hinweise-interessierte",
        "Datenschutz-Hinweise für Interessierte",
        "Dasselbe für Menschen, die noch nicht Mitglied sind (Art. 13 DSGVO).",
        for_citizens,
        "dashboards:privacy_citizens",
        "Datenschutz für Interessierte",
    ),
    Paper(
        "barrierefreiheit",
        "Erklärung zur Barrierefreiheit",
        "Was geht, was noch nicht gut ist und wohin man sich wendet.",
        accessibility,
        "dashboards:accessibility",
        "Barrierefreiheit",
    ),
)


def find(code: str) -> Paper | None:
    return next((paper for paper in PAPERS if paper.code == code), None)


def committed(paper: Paper) -> str:
    """The text of the file: for every district, with gaps where its settings belong."""
    return as_markdown(paper.name, (f"**{DRAFT}**", GAPS), paper.build(House()))


def stale() -> list[Paper]:
    """Papers whose file says something else than the registries."""
    return [paper for paper in PAPERS if _written(paper.file) != committed(paper)]


def write() -> list[Paper]:
    """Renew what is stale; returns what was."""
    found = stale()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for paper in found:
        paper.file.write_text(committed(paper), encoding="utf-8")
    return found


def _written(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
