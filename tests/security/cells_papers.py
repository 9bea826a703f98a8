"""Privacy papers: public notices for everybody, the working papers for the office."""

from tests.security.cell import ALL, STAFF, Cell
from tests.world import World


def _record(world: World) -> dict:
    return {"code": "verzeichnis"}


def _unknown(world: World) -> dict:
    return {"code": "gibt-es-nicht"}


PUBLIC = [Cell("GET", ALL, public=True)]
SPEC = {
    "dashboards:privacy": PUBLIC,
    "dashboards:privacy_citizens": PUBLIC,
    "dashboards:accessibility": PUBLIC,
    "dashboards:papers": [Cell("GET", STAFF)],
    "dashboards:paper": [Cell("GET", STAFF, _record)],
    "dashboards:paper_pdf": [Cell("GET", STAFF, _record, is_file=True)],
}
