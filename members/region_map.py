"""The outlines of the municipalities, for an inline map (© GeoBasis-DE / BKG 2016, changed)."""

import re
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parent / "data" / "region_hannover" / "municipalities.svg"
VIEW_BOX = "-4 -4 1008 854"


@cache
def shapes() -> dict[str, str]:
    """Key of the municipality (AGS) → path in the coordinates of `VIEW_BOX`."""
    return dict(re.findall(r'data-ags="(\d{8})" d="([^"]+)"', SOURCE.read_text()))
