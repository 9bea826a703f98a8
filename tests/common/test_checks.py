"""Each deploy check: silent for production's settings, loud for the one mistake it is about."""

import copy

import pytest

from portal.common import checks, logs
from tests.services import services


@pytest.fixture
def production(settings):
    settings.DEMO = settings.LOCAL = False
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrf"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.HEALTH_TOKEN = "x" * 32
    settings.BASE_URL = "https://ankommen.example.org"
    settings.ALLOWED_HOSTS = ["ankommen.example.org"]
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "relay", True, False
    settings.MAIL_DOMAIN = "example.org"
    settings.ERASURE_LEDGER = "/loeschliste/geloescht.txt"
    settings.BACKUP_DIR = "/sicherungen"
    return settings


ALL = [
    checks.check_no_demo,
    checks.check_cache_is_shared,
    checks.check_csp_is_strict,
    checks.check_cookies,
    checks.check_proxy,
    checks.check_health_token,
    checks.check_addresses,
    checks.check_mail,
    checks.check_logs_are_clean,
    checks.check_ledger_is_set,
]


def found(databases=None):
    return [message.id for check in ALL for message in check(None, databases=databases)]


def test_production_settings_pass(production):
    assert found() == []


LOCMEM = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOOSE = {"DIRECTIVES": {"script-src": ["'self'", "'unsafe-inline'"]}}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEMO", True, "portal.E001"),
        ("LOCAL", True, "portal.E001"),
        ("CACHES", LOCMEM, "portal.E002"),
        ("CONTENT_SECURITY_POLICY", LOOSE, "portal.E003"),
        ("SESSION_COOKIE_NAME", "sessionid", "portal.E004"),
        ("CSRF_COOKIE_NAME", "csrftoken", "portal.E004"),
        ("ALLAUTH_TRUSTED_PROXY_COUNT", 0, "portal.W005"),
        ("HEALTH_TOKEN", "", "portal.W007"),
        ("HEALTH_TOKEN", "x" * 31, "portal.W007"),
        ("BASE_URL", "http://ankommen.example.org", "portal.E008"),
        ("ALLOWED_HOSTS", ["*"], "portal.E009"),
        ("ALLOWED_HOSTS", [".example.org"], "portal.E009"),
        ("ALLOWED_HOSTS", ["other.example.org"], "portal.E010"),
        ("EMAIL_USE_TLS", False, "portal.E011"),
        ("MAIL_DOMAIN", "localhost", "portal.W012"),
        ("ERASURE_LEDGER", "", "portal.E014"),
        ("ERASURE_LEDGER", "/sicherungen/../sicherungen/geloescht.txt", "portal.E015"),
    ],
)
def test_one_mistake_is_named(production, name, value, expected):
    setattr(production, name, value)
    assert found() == [expected]


def test_a_relay_on_the_same_machine_needs_no_tls(production):
    production.EMAIL_USE_TLS, production.EMAIL_HOST = False, "localhost"
    assert found() == []


def test_a_handler_without_our_formatter_is_named(production):
    config = copy.copy(logs.config(level="INFO", readable=False))
    config["handlers"] = config["handlers"] | {"more": {"class": "logging.StreamHandler"}}
    production.LOGGING = config
    assert found() == ["portal.E013"]


def test_the_role_of_the_tests_is_as_small_as_in_production(db):
    assert checks.check_database_role(None, databases=["default"]) == []


def ledger_trouble():
    return [message.id for message in checks.check_ledger_is_ours(None, databases=["default"])]


def test_the_ledger_may_be_missing_but_not_its_folder(production, tmp_path):
    production.ERASURE_LEDGER = str(tmp_path / "ledger.txt")
    assert ledger_trouble() == []
    production.ERASURE_LEDGER = str(tmp_path / "nowhere" / "ledger.txt")
    assert ledger_trouble() == ["portal.E016"]


def test_a_ledger_that_others_may_read_is_named(production, tmp_path):
    ledger = tmp_path / "ledger.txt"
    production.ERASURE_LEDGER = str(ledger)
    ledger.touch(mode=0o600)
    assert ledger_trouble() == []
    ledger.chmod(0o640)
    assert ledger_trouble() == ["portal.E017"]


@pytest.mark.parametrize("role", ["portal_owner", "portal_backup"])
def test_a_role_that_may_pass_row_level_security_is_no_role_for_the_app(role):
    """Seen with the backup's role, which may; the owner's only power is over tables."""
    postgres = services().postgres
    if postgres is None:
        pytest.skip("another server was given; only ours has these roles")
    with postgres.connect(role, "postgres") as opened, opened.cursor() as cursor:
        cursor.execute(checks.TOO_MUCH)
        assert cursor.fetchone()[0] is (role == "portal_backup")
