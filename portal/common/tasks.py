"""Leaves of the floor: the sign of life of each queue, and the seals of the audit log."""

from portal.celery import app
from portal.common import audit_chain, health
from portal.common.periodic import periodic


@app.task(name="portal.common.sign_of_life")
def sign_of_life(queue: str) -> None:
    health.sign_of_life(queue)


@periodic("portal.common.seal_audit")
def seal_audit() -> None:
    audit_chain.seal()
