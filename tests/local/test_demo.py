"""The commands against a stand-in project: who may run at the same time, and what survives."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.common.local.files import FileLock
from portal.common.local.migrations import fingerprint, rewritten
from portal.common.local.process import is_running, process_state
from portal.common.local.supervisor import Watch, status_of

SOURCE = Path(__file__).resolve().parents[2]

RUN = """
import sys
from pathlib import Path
from portal.common.local.__main__ import main
from portal.common.local.project import Project
sys.exit(main(sys.argv[2:], Project(Path(sys.argv[1]))))
"""

MANAGE = """
import os, sys, time
import psycopg2
command, *words = sys.argv[1:]
def sql(statement, url=os.environ["DATABASE_URL"]):
    connection = psycopg2.connect(url)
    cursor = connection.cursor()
    cursor.execute(statement)
    connection.commit()
    return cursor.fetchall() if cursor.description else []
if command == "migrate":
    print("noise of the migration")
    sql("CREATE TABLE IF NOT EXISTS visits (id int)")
elif command == "visit":
    sql("INSERT INTO visits VALUES (1)")
    print(sql("SELECT count(*) FROM visits")[0][0], flush=True)
    time.sleep(float(words[0]) if words else 0)
elif command == "words":
    print(words)
elif command == "fail":
    sys.exit(7)
elif command == "demo_roles":
    print("Rollen: Vorsitz")
"""

WSGI = """
def application(environ, start_response):
    start_response("200 OK" if environ["PATH_INFO"] == "/hilfe/" else "404 Not Found", [])
    return [b""]
"""

CELERY = """
from celery import Celery
path = os.environ["REDIS_URL"].removeprefix("unix://").replace("db=", "virtual_host=")
app = Celery("portal", broker="redis+socket://" + path)
app.conf.broker_connection_retry_on_startup = True
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "ein projekt"
    files = {
        "manage.py": MANAGE,
        "portal/__init__.py": "",
        "portal/settings.py": "SECRET_KEY = 'x'\nINSTALLED_APPS = []\n",
        "portal/wsgi.py": WSGI,
        "portal/celery.py": CELERY,
        "app/migrations/0001_initial.py": "# first\n",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def start(project: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(project), *words],
        cwd=SOURCE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def local(project: Path, *words: str) -> tuple[int, str, str]:
    return finish(start(project, *words))


def manage(project: Path, *words: str) -> tuple[int, str, str]:
    return local(project, "manage", "--", *words)


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout
    lines = ""
    for line in process.stdout:
        lines += line
        if text in line:
            break
    return lines


@pytest.fixture
def demo(project: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(project, "demo", "--port", "8470")
    yield process
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=30)


def test_a_command_alone_prints_only_its_own_output(project: Path) -> None:
    assert manage(project, "visit") == (0, "1\n", "")
    assert manage(project, "visit") == (0, "2\n", "")


def test_words_and_exit_code_pass_unchanged(project: Path) -> None:
    assert manage(project, "words", "zwei wörter", "--format", "json") == (
        *(0, "['zwei wörter', '--format', 'json']\n"),
        "",
    )
    assert manage(project, "fail") == (7, "", "")


def test_two_commands_at_once_share_the_services(project: Path) -> None:
    first = start(project, "manage", "--", "visit", "1.5")
    assert read_until(first, "1")
    second = start(project, "manage", "--", "visit", "3")

    assert read_until(second, "2")
    assert finish(first)[0] == 0
    assert finish(second)[0] == 0
    assert manage(project, "visit") == (0, "3\n", "")


def test_the_demo_runs_is_joined_and_ends_clean(project: Path, demo: subprocess.Popen[str]) -> None:
    shown = read_until(demo, "Beenden")
    address = re.findall(r"http://127\.0\.0\.1:(\d+)/", shown)
    assert "Rollen: Vorsitz" in shown
    assert address
    assert status_of(int(address[0])) == 200

    assert manage(project, "visit") == (0, "1\n", "")
    code, _, error = local(project, "demo")
    assert (code, address[0] in error, "läuft schon" in error) == (1, True, True)
    assert local(project, "reset")[0] == 1

    demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=15) == 0
    assert status_of(int(address[0])) is None
    assert not (project / "var/demo/state.json").exists()
    assert manage(project, "visit") == (0, "2\n", "")


def test_a_killed_demo_leaves_nobody_behind_and_starts_again(
    project: Path, demo: subprocess.Popen[str]
) -> None:
    read_until(demo, "Beenden")
    demo.kill()
    demo.wait()

    again = start(project, "demo", "--port", "8470")

    assert "Bereit" in read_until(again, "Beenden")
    again.send_signal(signal.SIGTERM)
    assert finish(again)[0] == 0


def test_rewritten_migrations_rebuild_the_database_and_say_so(project: Path) -> None:
    assert manage(project, "visit") == (0, "1\n", "")
    migrations = project / "app/migrations"
    (migrations / "0002_more.py").write_text("# second\n", encoding="utf-8")
    assert manage(project, "visit") == (0, "2\n", "")

    (migrations / "0001_initial.py").write_text("# rewritten\n", encoding="utf-8")
    code, out, error = manage(project, "visit")

    assert (code, out) == (0, "1\n")
    assert "app/migrations/0001_initial.py" in error
    assert "neu aufgebaut" in error


def test_reset_deletes_all_but_the_locks(project: Path) -> None:
    manage(project, "visit")

    assert local(project, "reset")[0] == 0

    left = {path.name for path in (project / "var/demo").iterdir()}
    assert left == {"lock", "services.lock", "users.lock"}
    assert manage(project, "visit") == (0, "1\n", "")


def test_there_is_no_environment_without_services(project: Path) -> None:
    assert local(project, "env") == (1, "", "Die Demo läuft nicht.\n")


def test_only_changed_and_vanished_migrations_count_as_rewritten() -> None:
    applied = {"a/0001.py": "1", "a/0002.py": "2", "b/0001.py": "3"}
    present = {"a/0001.py": "1", "a/0002.py": "changed", "c/0001.py": "new"}

    assert rewritten(applied, present) == ["a/0002.py", "b/0001.py"]


def test_the_fingerprint_leaves_out_foreign_packages(project: Path) -> None:
    foreign = project / ".venv/lib/django/migrations"
    foreign.mkdir(parents=True)
    (foreign / "0001_initial.py").touch()

    assert list(fingerprint(project)) == ["app/migrations/0001_initial.py"]


class Broken:
    """Dies at once, each time."""

    title = "web"
    alive = False

    def start(self) -> None:
        """Nothing comes up."""


def test_restarts_of_a_broken_child_come_at_growing_distances(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = iter(range(1000, 2000))
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    watch = Watch(Broken())
    watch.start()

    messages = [watch.check() or "" for _ in range(200)]

    delays = [found[1] for text in messages if (found := re.search(r"in (\d+) s", text))]
    assert delays[:7] == ["1", "2", "4", "8", "16", "30", "30"]


def test_a_zombie_does_not_count_as_running() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    while process_state(child.pid) != "Z":
        time.sleep(0.01)

    assert not is_running(child.pid)
    child.wait()


def test_a_lock_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    assert not second.acquire(shared=True)

    first.release()

    assert second.acquire()
    second.release()
