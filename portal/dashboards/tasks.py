"""Leaf: daily figures."""

from portal.common.periodic import periodic
from portal.dashboards import services


@periodic("dashboards.write_figures")
def write_figures() -> None:
    services.write_figures()
