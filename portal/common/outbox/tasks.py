"""Leaves: drain the outbox, fetch what came back."""

from django.conf import settings

from portal.celery import app
from portal.common.locks import try_lock
from portal.common.outbox import bounce_box, services


@app.task(name="portal.common.drain_outbox")
def drain_outbox() -> None:
    services.drain()


@app.task(name="portal.common.fetch_bounces")
def fetch_bounces() -> None:
    """One transaction per report, so not a @periodic task."""
    if not settings.BOUNCE_IMAP_URL:
        return
    with try_lock("portal.common.fetch_bounces") as held:
        if held:
            bounce_box.fetch(settings.BOUNCE_IMAP_URL)
