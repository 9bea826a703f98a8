"""Deploy checks for what Django's own do not know."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import connection
from structlog.stdlib import ProcessorFormatter

from portal.common import row_security

MIN_TOKEN = 32
TOO_MUCH = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"


@register(Tags.security, deploy=True)
def check_no_demo(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Demo mode signs anybody in."""
    if settings.DEMO or settings.LOCAL:
        return [Error("Demo- oder Lokalbetrieb ist eingeschaltet.", id="portal.E001")]
    return []


@register(Tags.security, deploy=True)
def check_cache_is_shared(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Login limits live in the cache; a local or dummy cache would switch them off."""
    if not str(settings.CACHES["default"]["BACKEND"]).endswith("RedisCache"):
        return [Error("Die Anmeldegrenzen brauchen einen gemeinsamen Cache.", id="portal.E002")]
    return []


@register(Tags.security, deploy=True)
def check_csp_is_strict(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """No inline code and no foreign host may be allowed."""
    sources = {
        source
        for values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].values()
        for source in values
    }
    loose = sources - {"'none'", "'self'", "data:"}
    if loose:
        return [Error(f"Die CSP erlaubt zu viel: {sorted(loose)}", id="portal.E003")]
    return []


@register(Tags.security, deploy=True)
def check_cookies(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The __Host- prefix ties cookies to this host and to https."""
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    if all(name.startswith("__Host-") for name in names):
        return []
    return [Error("Cookies brauchen das Präfix __Host-.", id="portal.E004")]


@register(Tags.security, deploy=True)
def check_proxy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without the number of trusted proxies every visitor has the proxy's address."""
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT < 1:
        return [CheckWarning("TRUSTED_PROXY_COUNT ist nicht gesetzt.", id="portal.W005")]
    return []


@register(Tags.security, deploy=True)
def check_health_token(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A token that can be guessed tells strangers what is broken; none hides it from us."""
    if len(settings.HEALTH_TOKEN) < MIN_TOKEN:
        return [CheckWarning(f"HEALTH_TOKEN braucht {MIN_TOKEN} Zeichen.", id="portal.W007")]
    return []


@register(Tags.security, deploy=True)
def check_addresses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Links in mails lead to BASE_URL: over https, to a host we answer to and no other."""
    url = urlsplit(settings.BASE_URL)
    if url.scheme != "https":
        return [Error("BASE_URL beginnt nicht mit https://.", id="portal.E008")]
    if any("*" in host or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        return [Error("ALLOWED_HOSTS erlaubt fremde Namen.", id="portal.E009")]
    if url.hostname not in settings.ALLOWED_HOSTS:
        return [Error("Der Name aus BASE_URL fehlt in ALLOWED_HOSTS.", id="portal.E010")]
    return []


@register(Tags.security, deploy=True)
def check_mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Mails name members: they leave encrypted, under a name that can be answered."""
    found: list[CheckMessage] = []
    local = settings.EMAIL_HOST in ("localhost", "127.0.0.1")
    if not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or local):
        found.append(Error("EMAIL_URL ohne TLS (smtp+tls:// oder smtp+ssl://).", id="portal.E011"))
    if "." not in settings.MAIL_DOMAIN:
        found.append(CheckWarning("DEFAULT_FROM_EMAIL ist keine Adresse.", id="portal.W012"))
    return found


@register(Tags.security, deploy=True)
def check_logs_are_clean(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every handler writes through the formatter that lets known keys pass and nothing else."""
    formatters = settings.LOGGING["formatters"]
    used = {handler.get("formatter") for handler in settings.LOGGING["handlers"].values()}
    if any(name is None or formatters[name]["()"] is not ProcessorFormatter for name in used):
        return [Error("Ein Protokoll schreibt Werte ungeprüft.", id="portal.E013")]
    return []


@register(Tags.security, deploy=True)
def check_ledger_is_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Whom we erased is written beside the backups, never into them."""
    if not settings.ERASURE_LEDGER:
        return [Error("ERASURE_LEDGER ist nicht gesetzt.", id="portal.E014")]
    ledger = Path(settings.ERASURE_LEDGER).resolve()
    if settings.BACKUP_DIR and ledger.is_relative_to(Path(settings.BACKUP_DIR).resolve()):
        return [Error("Die Löschliste liegt bei den Sicherungen.", id="portal.E015")]
    return []


@register(Tags.security, Tags.database, deploy=True)
def check_ledger_is_ours(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """Written by us, read by nobody else (on the server only, as `--database default` says)."""
    ledger = Path(settings.ERASURE_LEDGER)
    if not databases or not settings.ERASURE_LEDGER:
        return []
    if not os.access(ledger if ledger.exists() else ledger.parent, os.W_OK):
        return [Error("Die Löschliste lässt sich nicht schreiben.", id="portal.E016")]
    if ledger.exists() and ledger.stat().st_mode & 0o077:
        return [Error("Die Löschliste ist für andere lesbar (chmod 600).", id="portal.E017")]
    return []


@register(Tags.security, Tags.database, deploy=True)
def check_database_role(app_configs: Any, databases: Any = None, **kw: Any) -> list[CheckMessage]:
    """The app must not connect as superuser or with BYPASSRLS (run with --database default)."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute(TOO_MUCH)
        if cursor.fetchone()[0]:
            return [Error("Die Datenbankrolle der Anwendung darf zu viel.", id="portal.E006")]
    return []


@register(Tags.security, Tags.database, deploy=True)
def check_row_security(app_configs: Any, databases: Any = None, **kw: Any) -> list[CheckMessage]:
    """The policies are wanted, and on every listed table (the latter with --database default)."""
    if not settings.ROW_SECURITY:
        return [Error("ROW_SECURITY ist ausgeschaltet.", id="portal.E021")]
    missing = row_security.unprotected() if databases else []
    if missing:
        return [Error(f"Ohne Schutz der Zeilen: {', '.join(missing)}.", id="portal.E022")]
    return []
