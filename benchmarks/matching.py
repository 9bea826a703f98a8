"""`make bench-matching`: the engine beside mentor-match 7.0.1 and beside greed, in one run."""

import heapq
import json
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.matching_instances import country, people
from members.matching import Mentor, Newcomer, assign, match
from members.matching_sentences import explain

ROOT = Path(__file__).resolve().parent.parent
PEER = ("mentor-match==7.0.1", "munkres==3.0.0")
SEEDS, RUNS = range(10), 20
TIMES_FASTER, TIMES_FASTER_EXPLAINED, GOAL_SMALL = 120, 40, 0.020
# Regions of 156 newcomers and 62 mentors: about 50 candidates each.
REGION = (156, 62)
NATIONAL = (10, 40, 160, 641)
GOAL_CORE, GOAL_EXPLAINED = 1.0, 2.5


def main() -> int:
    assign(*people(5, 5, 0))  # loads numpy and scipy
    return int(not all([beside_the_peer(), small(), national()]))


def best(*works: Callable[[], Any]) -> list[tuple[float, Any]]:
    """For each work the quickest of a few runs, and what it returned; in turn, so that a busy
    moment of the machine hits all of them.
    """
    found: list[list[tuple[float, Any]]] = [[] for _ in works]
    for _ in range(RUNS):
        for work, times in zip(works, found, strict=True):
            started = time.perf_counter()
            result = work()
            times.append((time.perf_counter() - started, result))
    return [min(times, key=lambda one: one[0]) for times in found]


def explained(newcomers: list[Newcomer], mentors: list[Mentor]) -> list[str]:
    result = match(newcomers, mentors)
    return [*map(explain, result.pairs), *(one.text for one in result.unmatched)]


def beside_the_peer() -> bool:
    python = peer_python()
    faster, faster_explained, worse = [], [], 0
    for seed in SEEDS:
        group = people(400, 400, seed, capacity=1)
        theirs = ask_peer(python, *group)
        (lean, chosen), (full, _) = best(partial(assign, *group), partial(explained, *group))
        ours = worth(*group, chosen.items())
        peers = worth(*group, theirs["pairs"])
        worse += ours < peers
        faster.append(theirs["seconds"] / lean)
        faster_explained.append(theirs["seconds"] / full)
        print(
            f"400 × 400, Saat {seed}: {theirs['seconds']:.2f} s, wir {lean * 1000:.1f} ms, mit "
            f"Begründungen {full * 1000:.1f} ms; vermittelt und Punkte {peers}, wir {ours}",
            flush=True,
        )
    print(
        f"mindestens {min(faster):.0f}-mal, mit Begründungen {min(faster_explained):.0f}-mal so "
        f"schnell (Ziel {TIMES_FASTER} und {TIMES_FASTER_EXPLAINED}), {worse}-mal schlechter"
    )
    return (
        min(faster) >= TIMES_FASTER
        and min(faster_explained) >= TIMES_FASTER_EXPLAINED
        and worse == 0
    )


def peer_python() -> Path:
    """An environment of its own for the peer; nothing of it touches ours."""
    folder = ROOT / "var" / "bench-matching"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PEER]
        subprocess.run(install, check=True)
    return python


def ask_peer(python: Path, newcomers: list[Newcomer], mentors: list[Mentor]) -> dict:
    said = json.dumps(
        {"newcomers": [facts(one) for one in newcomers], "mentors": [facts(one) for one in mentors]}
    )
    done = subprocess.run(
        [python, "-m", "benchmarks.peer_matching"],
        input=said,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(done.stdout)


def facts(one: Newcomer | Mentor) -> dict:
    values = {name: getattr(one, name) for name in one.__slots__}
    values |= {name: getattr(one, name) for name in ("gliederung", "kommune", "topics")}
    values |= {"languages": one.languages, "slots": one.slots, "id": str(one.id)}
    return {key: sorted(v) if isinstance(v, frozenset) else v for key, v in values.items()}


def worth(newcomers: list[Newcomer], mentors: list[Mentor], pairs: Iterable) -> tuple[int, int]:
    """How many are matched, and for how many points, by our own measure."""
    left = {str(one.id): one for one in newcomers}
    right = {str(one.id): one for one in mentors}
    found = [match([left[str(a)]], [right[str(b)]]) for a, b in pairs]
    return sum(len(one.pairs) for one in found), sum(one.score for one in found)


def small() -> bool:
    group = people(300, 120, 0)
    ((seconds, _),) = best(partial(explained, *group))
    print(f"300 × 120 mit Begründungen: {seconds * 1000:.1f} ms, Ziel {GOAL_SMALL * 1000:.0f} ms")
    return seconds <= GOAL_SMALL


def national() -> bool:
    """Each size in a process of its own, so that its peak of memory is its own."""
    good = True
    for regions in NATIONAL:
        command = [sys.executable, "-m", "benchmarks.matching", str(regions)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        row = json.loads(done.stdout)
        core, full = (row[name] / row["greedy"] for name in ("core", "explained"))
        good = good and (regions < NATIONAL[-1] or (core <= GOAL_CORE and full <= GOAL_EXPLAINED))
        print(
            f"{row['newcomers']:6} × {row['mentors']:5}: Kern {row['core']:.2f} s ({core:.2f}-fach "
            f"der gierigen), mit Begründungen {row['explained']:.2f} s ({full:.2f}-fach), gierig "
            f"{row['greedy']:.2f} s; vermittelt {row['matched']} gegen {row['greedy_matched']}, "
            f"Punkte {row['score']} gegen {row['greedy_score']}; höchstens {row['peak_mb']:.0f} MB",
            flush=True,
        )
    print(f"Ziel: Kern {GOAL_CORE}-fach, mit Begründungen {GOAL_EXPLAINED}-fach")
    return good


def measure(regions: int) -> None:
    """One size; region by region, as a country is read. Prints JSON."""
    assign(*people(5, 5, 0))
    row = dict.fromkeys(
        ("newcomers", "mentors", "matched", "score", "greedy_matched", "greedy_score"), 0
    ) | dict.fromkeys(("core", "explained", "greedy"), 0.0)
    for newcomers, mentors in country(regions, *REGION, seed=0):
        row["newcomers"] += len(newcomers)
        row["mentors"] += len(mentors)
        started = time.perf_counter()
        assign(newcomers, mentors)
        row["core"] += time.perf_counter() - started
        started = time.perf_counter()
        result = match(newcomers, mentors)
        texts = [*map(explain, result.pairs), *(one.text for one in result.unmatched)]
        row["explained"] += time.perf_counter() - started
        assert len(texts) == len(newcomers)
        started = time.perf_counter()
        taken = greedy(newcomers, mentors)
        row["greedy"] += time.perf_counter() - started
        row["matched"] += len(result.pairs)
        row["score"] += result.score
        row["greedy_matched"] += len(taken)
        row["greedy_score"] += sum(points for _, _, points in taken)
    from benchmarks.daily import peak_mb

    json.dump(row | {"peak_mb": peak_mb()}, sys.stdout)


def greedy(newcomers: list[Newcomer], mentors: list[Mentor]) -> list[tuple[int, int, int]]:
    """What one would write first: of all candidates the best with a free place, then the next."""
    heap = [
        (-points, -newcomer.waiting_days, row, column)
        for row, newcomer in enumerate(newcomers)
        for column, mentor in enumerate(mentors)
        if (points := candidate(newcomer, mentor)) is not None
    ]
    heapq.heapify(heap)
    load, used = (0, 30, 70), [0] * len(mentors)
    placed: dict[int, tuple[int, int]] = {}
    while heap:
        points, waits, row, column = heapq.heappop(heap)
        if row in placed or used[column] >= mentors[column].capacity:
            continue
        worth_now = candidate(newcomers[row], mentors[column]) - load[used[column]]
        if worth_now < -points:  # the place has become dearer: wait for its turn
            heapq.heappush(heap, (-worth_now, waits, row, column))
            continue
        used[column] += 1
        placed[row] = (column, worth_now)
    return [(row, column, points) for row, (column, points) in placed.items()]


def candidate(newcomer: Newcomer, mentor: Mentor) -> int | None:
    if newcomer.is_minor and not mentor.accepts_minors:
        return None
    shared = newcomer.languages & mentor.languages
    if newcomer.languages and mentor.languages and not shared:
        return None
    points = 10 * min(3, len(newcomer.topics & mentor.topics))
    if newcomer.gliederung == mentor.gliederung:
        points += 30
    elif newcomer.kommune == mentor.kommune or newcomer.kommune in mentor.near:
        points += 20
    points += 5 * bool(shared - {"de"}) + 5 * bool(newcomer.slots & mentor.slots)
    return points


if __name__ == "__main__":
    if sys.argv[1:]:
        measure(int(sys.argv[1]))
    else:
        sys.exit(main())
