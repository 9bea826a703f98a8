"""Who may choose when the collected reminders come."""

from tests.security.cell import COORDINATES, GEHRDEN, PRIVACY, UETZE, Cell

WITH_OFFICE = GEHRDEN | UETZE | COORDINATES | PRIVACY | {"bezirk"}

SPEC: dict[str, list[Cell]] = {
    "members:digest_day": [
        Cell("GET", WITH_OFFICE),
        Cell("POST", WITH_OFFICE, data=lambda _: {"digest_day": "2"}, moves=True),
    ],
}
