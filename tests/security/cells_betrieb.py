"""Pages for those who run the house."""

from tests.security.cell import ALL, Cell

SPEC = {"common:healthz": [Cell("GET", ALL, public=True, is_file=True)]}
