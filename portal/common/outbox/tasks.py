"""Leaves: drain the outbox, forget old texts."""

from portal.celery import app
from portal.common.outbox import services


@app.task(name="portal.common.drain_outbox")
def drain_outbox() -> None:
    services.drain()


@app.task(name="portal.common.forget_mail_bodies")
def forget_mail_bodies() -> None:
    services.forget_bodies()
