"""Leaf: daily figures."""

from portal.celery import app
from portal.common.scope import scope
from portal.dashboards import services


@app.task(name="dashboards.write_figures")
def write_figures() -> None:
    with scope("system:figures"):
        services.write_figures()
