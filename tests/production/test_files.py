"""docker-compose.yml, Dockerfile and scripts: checked without a Docker daemon."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portal.common import restored
from tests.production.stack import ROOT, compose, deploy_environment

SERVICES = compose()["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "ankommen"]
ONCE = {"migrate", "nachspielen", "zurueckspielen"}
SCRIPTS = sorted((ROOT / "betrieb").glob("*.sh"))
# What the images of other people read.
KNOWN = {
    "postgres": {"POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS"},
    "redis": set(),
}


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def read_by_settings() -> tuple[set[str], set[str]]:
    """Every variable the settings read, and those without which they refuse to start."""
    tree = ast.parse((ROOT / "portal/settings/__init__.py").read_text(encoding="utf-8"))
    read, needed = set(), set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        first = call.args[0] if call.args else None
        if not isinstance(first, ast.Constant) or not str(first.value).isupper():
            continue
        source = ast.unparse(call.func)
        if source == "required":
            needed.add(first.value)
        if source == "required" or source.startswith("env."):
            read.add(first.value)
    return read, needed


def variables(service: str) -> set[str]:
    return set(SERVICES[service].get("environment", {}))


def plain(names: set[str]) -> set[str]:
    return {name.removesuffix("_FILE") for name in names}


@pytest.mark.parametrize("service", OURS)
def test_settings_read_everything_compose_sets_and_find_everything_they_need(service):
    read, needed = read_by_settings()
    given = plain(variables(service))

    of_the_c_library = {name for name in given if name.startswith("MALLOC_")}
    assert given - read - of_the_c_library == set()
    assert needed - given == set()


def test_what_the_deploy_check_sets_is_what_compose_sets():
    extra = {"PORTAL_LOCAL", "PORTAL_DEMO"}
    assert set(deploy_environment()) - extra == plain(variables("web")) - {"SECRET_KEY_FALLBACKS"}


def test_other_images_know_their_variables():
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    caddy = (ROOT / "betrieb/Caddyfile").read_text(encoding="utf-8")
    for service in ("postgres", "redis"):
        assert variables(service) == KNOWN[service]
    given = variables("sicherung") | variables("zurueckspielen")
    for name in given - {"PGHOST", "PGUSER", "PGDATABASE"}:
        assert f"${{{name}:" in scripts or f'"${name}"' in scripts, name
    assert variables("proxy") == set(re.findall(r"{\$(\w+)}", caddy))


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_every_container_is_locked_down(service):
    spec = SERVICES[service]

    assert spec["read_only"] is True
    assert spec["cap_drop"] == ["ALL"]
    assert spec["security_opt"] == ["no-new-privileges:true"]
    assert spec["user"] not in ("", "root", "0", "0:0")
    assert spec["restart"] == ("no" if service in ONCE else "unless-stopped")
    assert spec.get("privileged", False) is False


def test_only_the_proxy_is_reached_from_outside_and_it_does_not_reach_the_data():
    assert [name for name, spec in SERVICES.items() if "ports" in spec] == ["proxy"]
    near = set(SERVICES["proxy"]["networks"])
    for service in ("postgres", "redis", "sicherung", "zurueckspielen", "nachspielen"):
        assert SERVICES[service]["networks"] == ["back"]
    assert "back" not in near
    networks = compose()["networks"]
    assert {name for name, spec in networks.items() if spec.get("internal")} == {"front", "back"}


def test_the_backup_reads_only_and_neither_it_nor_its_folder_holds_the_ledger():
    saving, restoring = SERVICES["sicherung"], SERVICES["zurueckspielen"]
    users = [spec["environment"]["PGUSER"] for spec in (saving, restoring)]
    assert users == ["portal_backup", "portal_owner"]
    assert "db_owner_password" not in saving["secrets"]
    assert saving["volumes"] == ["./sicherungen:/sicherungen"]
    assert restoring["volumes"] == ["./sicherungen:/sicherungen:ro"]
    for service in OURS:
        # Only the worker notes the heads of the log, on a volume of their own.
        heads = ["protokoll:/protokoll"] if service == "worker" else []
        assert SERVICES[service]["volumes"] == ["./loeschliste:/loeschliste", *heads]
        ledger = Path(SERVICES[service]["environment"]["ERASURE_LEDGER"])
        assert ledger.parent == Path("/loeschliste")


def test_what_restores_runs_only_when_asked():
    asked = {name for name, spec in SERVICES.items() if spec.get("profiles") == ["restore"]}
    assert asked == {"nachspielen", "zurueckspielen"}
    # The sentence that names the command names one that exists.
    assert "docker compose run --rm nachspielen" in restored.SENTENCE
    assert SERVICES["nachspielen"]["command"][-1] in restored.SENTENCE


def test_every_long_running_service_has_a_health_check():
    images = re.findall(
        r"^FROM \S+ AS (\w+)$(.*?)(?=^FROM|\Z)",
        (ROOT / "Dockerfile").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    checked = {name for name, body in images if "HEALTHCHECK" in body}
    without = {
        name
        for name, spec in SERVICES.items()
        if "healthcheck" not in spec and spec.get("build", {}).get("target") not in checked
    }
    assert without == set()


def test_every_secret_is_declared_made_and_used():
    made = (ROOT / "betrieb/geheimnisse.sh").read_text(encoding="utf-8")
    declared = compose()["secrets"]
    used = {name for spec in SERVICES.values() for name in spec.get("secrets", [])}
    assert used == set(declared)
    assert [name for name in declared if name not in made] == []
    for service, spec in SERVICES.items():
        for value in spec.get("environment", {}).values():
            if str(value).startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in spec["secrets"], service


def test_postgres_keeps_the_log_settings_of_the_local_one():
    from portal.common.local.postgres import SETTINGS

    words = SERVICES["postgres"]["command"]
    for name in (name for name in SETTINGS if name.startswith(("log_error", "log_p", "log_m"))):
        assert f"{name}={SETTINGS[name]}" in words


def test_the_image_holds_no_compiler_and_no_secret():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = text[text.index("AS portal") : text.index("AS proxy")]
    assert "apt-get" not in final
    assert "--require-hashes" in text
    assert "USER 10001:10001" in final
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    assert not [line for line in ignored if "geheimnisse" in line]


def test_secrets_and_dumps_are_never_committed():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"/geheimnisse/", "/sicherungen/", "/loeschliste/", "/.env"} <= set(ignored)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_read_and_stops_at_the_first_error(script):
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111
    if checker := shutil.which("shellcheck"):
        assert subprocess.run([checker, script], check=False).returncode == 0


def test_the_secrets_are_made_once_and_closed_to_others(tmp_path):
    (tmp_path / "betrieb").mkdir()
    script = shutil.copy(ROOT / "betrieb/geheimnisse.sh", tmp_path / "betrieb")

    subprocess.run(["bash", script], check=True, capture_output=True)
    folder = tmp_path / "geheimnisse"
    first = {path.name: path.read_text() for path in folder.iterdir()}
    subprocess.run(["bash", script], check=True, capture_output=True)

    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    assert set(first) == set(compose()["secrets"])
    assert {len(first[name]) for name in ("secret_key", "backup_key", "health_token")} == {48}
    assert first["database_url"] == (
        f"postgres://portal_app:{first['db_app_password']}@postgres:5432/portal"
    )
    for name in ("geheimnisse", "sicherungen", "loeschliste"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
