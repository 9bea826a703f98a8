"""Production's own command lines start, serve and work (no PORTAL_LOCAL, secrets from files)."""

import json
import re
import subprocess
import sys

import pytest

from members.models import District
from portal.common.local.postgres import APP, OWNER
from tests.production.stack import BEHIND_PROXY, HOST, ROOT, compose, stack
from tests.services import services


@pytest.fixture
def production(live_world, tmp_path):
    with stack(tmp_path) as running:
        yield running


def test_the_deploy_check_passes_once_visitors_read_real_words(production):
    words = ("manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default")
    refused = production.run(*words)
    assert (refused.returncode, refused.stderr.count("portal.E020")) == (1, 2), refused.stderr
    District.objects.update(email="buero@die-neuen.de", data_protection="dsb@die-neuen.de")
    check = production.run(*words)
    assert check.returncode == 0, check.stderr


@pytest.fixture
def empty_database():
    postgres = services().postgres
    if postgres is None:
        pytest.skip("another server was given; only ours may get a database")
    postgres.create_database("smoke")
    yield postgres
    postgres.drop_database("smoke")


def test_the_migration_of_compose_makes_tables_that_the_app_may_use(production, empty_database):
    words = compose()["services"]["migrate"]["command"][1:]

    migrate = production.run(*words, DATABASE_URL=empty_database.url(OWNER, "smoke"))

    assert migrate.returncode == 0, migrate.stderr
    seen = production.run("manage.py", "health", DATABASE_URL=empty_database.url(APP, "smoke"))
    assert json.loads(seen.stdout)["jobs_s"] == {"default": None, "mail": None}


def test_the_web_container_serves_pages_and_static_files_behind_the_proxy(production):
    production.start("web")
    production.wait_ready()

    status, body, headers = production.ask("GET", "/")
    assert status == 200
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    sheet = re.search(r'href="(/static/css/portal\.[0-9a-f]{12}\.css)"', body.decode())
    assert sheet, "static files carry the hash of their content"
    status, _, headers = production.ask("GET", sheet[1])
    assert (status, "immutable" in headers["Cache-Control"]) == (200, True)
    # Without TLS at the proxy every page leads to TLS, and a foreign name is refused.
    status, _, headers = production.ask("GET", "/", {"Host": HOST})
    assert (status, headers["Location"]) == (301, f"https://{HOST}/")
    assert production.get("/", BEHIND_PROXY | {"Host": "evil.example"})[0] == 400
    # The check inside the container knows neither name nor TLS.
    assert production.get("/healthz", {"Host": "127.0.0.1:8000"}) == (200, b"ok")
    # 30 MB are announced and refused before they are sent.
    assert production.ask("POST", "/", BEHIND_PROXY | {"Content-Length": "31457280"})[0] == 413


def test_the_health_check_of_the_image_tells_up_from_down(production):
    script = (ROOT / "betrieb/healthcheck.py").read_text(encoding="utf-8")
    check = [sys.executable, "-c", script.replace("8000", str(production.port))]
    assert subprocess.run(check, check=False).returncode == 1
    production.start("web")
    production.wait_ready()
    assert subprocess.run(check, check=False).returncode == 0
