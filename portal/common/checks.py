"""Deploy checks for what Django's own do not know."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import connection


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


@register(Tags.security, Tags.database, deploy=True)
def check_database_role(app_configs: Any, databases: Any = None, **kw: Any) -> list[CheckMessage]:
    """The app must not connect as superuser or with BYPASSRLS (run with --database default)."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        if cursor.fetchone()[0]:
            return [Error("Die Datenbankrolle der Anwendung darf zu viel.", id="portal.E006")]
    return []
