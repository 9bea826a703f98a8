"""Work that beat starts: once at a time, in a scope of its own."""

from collections.abc import Callable

from portal.celery import app
from portal.common.locks import try_lock
from portal.common.scope import scope


def periodic(name: str) -> Callable[[Callable[[], object]], Callable[[], None]]:
    """Register a leaf as the task `name`; while one runs, a second beat's start does nothing."""

    def register(work: Callable[[], object]) -> Callable[[], None]:
        @app.task(name=name)
        def task() -> None:
            with try_lock(name) as held:
                if held:
                    with scope(f"system:{name}"):
                        work()

        return task

    return register
