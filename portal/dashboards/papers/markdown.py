"""A paper as a file: the same blocks, readable in any editor and comparable line by line."""

from collections.abc import Iterable, Iterator

from portal.dashboards.papers.document import Block, Facts, Heading, Layer, Points, Table, Text


def as_markdown(title: str, notes: Iterable[str], blocks: Iterable[Block]) -> str:
    """Return the whole file; `notes` stand right below the title."""
    parts = [f"# {title}", *(f"> {note}" for note in notes), *(_block(block) for block in blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Text(text):
            return text
        case Points(items):
            return "\n".join(f"- {item}" for item in items)
        case Facts(pairs):
            return _facts(pairs)
        case Layer(title, text, pairs):
            return f"### {title}\n\n{text}\n\n{_facts(pairs)}"
        case Table():
            return "\n".join(_table(block))


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- **{word}:** {answer}" for word, answer in pairs)


def _table(table: Table) -> Iterator[str]:
    yield _row(table.head)
    yield _row(["---"] * len(table.head))
    for row in table.rows:
        yield _row(row)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') or '–' for cell in cells)} |"
