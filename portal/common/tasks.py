"""Leaves of the floor: the sign of life of each queue."""

from portal.celery import app
from portal.common import health


@app.task(name="portal.common.sign_of_life")
def sign_of_life(queue: str) -> None:
    health.sign_of_life(queue)
