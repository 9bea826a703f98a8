"""Privacy papers: public notices for everybody, the working papers for the office."""

from members.capabilities import kinds_granting
from tests.security.cell import ALL, Cell
from tests.world import CAST, World

# Whoever holds an office with the right to read them, and the factor for it.
READERS = {role for role, (_, kind) in CAST.items() if kind in kinds_granting("papers.read")} - {
    "staff_without_mfa"
}


def _record(world: World) -> dict:
    return {"code": "verzeichnis"}


def _unknown(world: World) -> dict:
    return {"code": "gibt-es-nicht"}


PUBLIC = [Cell("GET", ALL, public=True)]
SPEC = {
    "dashboards:privacy": PUBLIC,
    "dashboards:privacy_citizens": PUBLIC,
    "dashboards:accessibility": PUBLIC,
    "dashboards:papers": [Cell("GET", READERS)],
    "dashboards:paper": [Cell("GET", READERS, _record)],
    "dashboards:paper_pdf": [Cell("GET", READERS, _record, is_file=True)],
}
