"""The pages of the data-protection office: nobody else opens them, staff included (T30)."""

from tests.security.cell import Cell

PRIVACY = {"privacy"}

SPEC: dict[str, list[Cell]] = {
    "dashboards:data_protection": [Cell("GET", PRIVACY)],
    "dashboards:audit_log": [Cell("GET", PRIVACY)],
}
