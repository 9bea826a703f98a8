"""Several people at the same moment, each with a database connection of their own."""

import threading
from collections.abc import Callable

from django.db import connection

from portal.common.scope import scope


def at_once(*works: Callable[[], object]) -> None:
    """Start all works together and wait for them; the first error is raised here."""
    barrier, errors = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            barrier.wait()
            with scope("system:test"):
                work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
