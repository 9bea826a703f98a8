"""Work that beat starts: once at a time, once per due moment, in a scope of its own."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from portal.celery import app
from portal.common import health
from portal.common.locks import try_lock
from portal.common.scope import scope


def periodic(
    name: str, *, in_parts: bool = False
) -> Callable[[Callable[[], object]], Callable[[], None]]:
    """Register a leaf as the task `name`; what a second beat announces does nothing.

    Called directly, by a shell or a test, it always works unless it is working already.
    `in_parts`: the work opens its own transactions, so that one part that fails undoes no other.
    """

    def register(work: Callable[[], object]) -> Callable[[], None]:
        @app.task(name=name, bind=True)
        def task(self: Any) -> None:
            with try_lock(name) as held:
                if not held or (not self.request.called_directly and health.has_just_worked(name)):
                    return
                with nullcontext() if in_parts else scope(f"system:{name}"):
                    work()
                health.sign_of_life(name)

        return task

    return register
