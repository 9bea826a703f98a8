"""One day's jobs in a process of their own, as a worker does them; prints what they took."""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path


def main(moment: str, names: list[str]) -> None:
    import django

    django.setup()
    import time_machine

    from members import tasks

    figures = {}
    for name in names:
        with time_machine.travel(datetime.fromisoformat(moment), tick=True):
            figures[name] = measure(getattr(tasks, name))
    print(json.dumps({"jobs": figures, "peak_mb": peak_mb()}))


def measure(job: Callable[[], None]) -> dict[str, float]:
    """Wall time, and what it cost this process and the database's for this connection."""
    backend = backend_pid()
    wall, own, theirs = time.perf_counter(), time.process_time(), cpu_seconds(backend)
    job()
    return {
        "wall": time.perf_counter() - wall,
        "python": time.process_time() - own,
        "database": cpu_seconds(backend) - theirs,
    }


def backend_pid() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])


def cpu_seconds(pid: int) -> float:
    """User and system time of another process; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb() -> float:
    """The most memory this process ever held; ru_maxrss would count who started it too."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
