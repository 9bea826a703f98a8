"""The daily run over 100,000 newcomers with 300,000 promises, part of `make bench`."""

import json
import os
import subprocess
import sys
from datetime import date, datetime, time, timedelta

from benchmarks import crowd
from benchmarks.__main__ import collect_statistics, stage_district
from benchmarks.house import house

SIZES = (10_000, 100_000)
GOAL_SECONDS = 10
GOAL_MEMORY = 1.2
DAY = timedelta(days=1)
DIGESTS, NEW_DAY, PULSE = "send_digests", "new_day", "ask_pulse"


def main() -> int:
    with house("bench", "ERROR"):
        return run()


def run() -> int:
    from portal.common.scope import scope

    tuesday = next_tuesday()
    with scope("system:bench"):
        stage_district()
        crowd.build_places(tuesday)
    peaks, slowest, before = [], 0.0, 0
    for size in SIZES:
        with scope("system:bench"):
            crowd.begin_again()
            crowd.build_newcomers(before + 1, size, tuesday)
        before = size
        collect_statistics()
        seconds, peak = measure(size, tuesday)
        slowest, peaks = max(slowest, seconds), [*peaks, peak]
    ratio = peaks[-1] / peaks[0]
    print(f"Speicher: {peaks[0]:.0f} MB, dann {peaks[-1]:.0f} MB: {ratio:.2f}-fach", end="")
    print(f", Ziel {GOAL_MEMORY}; längster Tag {slowest:.1f} s, Ziel {GOAL_SECONDS} s")
    catastrophe(tuesday)
    return int(slowest > GOAL_SECONDS or ratio > GOAL_MEMORY)


def next_tuesday() -> date:
    """A Tuesday on which, and on whose Monday and Saturday, mail may leave."""
    from portal.common import clock
    from portal.common.quiet import is_quiet_day

    day = clock.today() + DAY
    while day.weekday() != 1 or any(is_quiet_day(day + n * DAY) for n in (-8, -1, 0, 4)):
        day += DAY
    return day


def measure(size: int, tuesday: date) -> tuple[float, float]:
    """The steady day and the one after three missed days; returns the longer and the peak.

    A day is all its jobs together, one after the other.
    """
    for back in (8, 1):  # what was named and asked before, as those days did it
        on(tuesday - back * DAY, NEW_DAY, PULSE, DIGESTS)
    steady = on(tuesday, NEW_DAY, PULSE, DIGESTS)
    show(size, "Tag wie jeder", steady)
    after = on(tuesday + 4 * DAY, NEW_DAY, PULSE, DIGESTS)
    show(size, "nach drei Tagen Ausfall", after)
    return max(total(steady), total(after)), max(steady["peak_mb"], after["peak_mb"])


def total(day: dict) -> float:
    return sum(job["wall"] for job in day["jobs"].values())


def catastrophe(tuesday: date) -> None:
    """No limit: what it would take if nobody had ever called anybody."""
    from portal.common.scope import scope

    with scope("system:bench"):
        crowd.break_every_promise()
    collect_statistics()
    for later in (7, 14):
        show(SIZES[-1], "alles offen, ohne Ziel", on(tuesday + later * DAY, DIGESTS))


def on(day: date, *jobs: str) -> dict:
    """Run a day's jobs in a process of their own, then let their mail leave."""
    from portal.common.quiet import BERLIN
    from portal.common.scope import scope

    moment = datetime.combine(day, time(9), BERLIN).isoformat()
    command = [sys.executable, "-m", "benchmarks.daily", moment, *jobs]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    with scope("system:bench"):
        crowd.send_all()
    return json.loads(done.stdout.splitlines()[-1])


def show(size: int, name: str, figures: dict) -> None:
    from members.models import Milestone, Reminder
    from portal.common.scope import scope

    with scope("system:bench"):
        found = f"{Milestone.objects.count()} Termine, {Milestone.objects.open().count()} offen"
        named = Reminder.objects.count()
    print(f"{size} Neumitglieder, {found}, {named} Erinnerungen, {name}:")
    for job, took in figures["jobs"].items():
        print(
            f"  {job:13} {took['wall']:6.2f} s   Python {took['python']:6.2f} s   "
            f"Datenbank {took['database']:6.2f} s"
        )
    print(f"  {'zusammen':13} {total(figures):6.2f} s")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"  Speicher höchstens {figures['peak_mb']:.0f} MB, Last {load}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    sys.exit(main())
