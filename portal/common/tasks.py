"""Leaves of the floor: the sign of life of each queue, and what is deleted."""

from portal.celery import app
from portal.common import health, retaining
from portal.common.periodic import periodic


@app.task(name="portal.common.sign_of_life")
def sign_of_life(queue: str) -> None:
    health.sign_of_life(queue)


@periodic("portal.common.retention", in_parts=True)
def retention() -> None:
    retaining.run_nightly()


@periodic("portal.common.retention_hourly", in_parts=True)
def retention_hourly() -> None:
    retaining.run_hourly()
