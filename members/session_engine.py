"""The session engine: Django's own, with the columns that "Wo ich angemeldet bin" shows."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

from portal.common import clock

# Coarse on purpose: enough to recognise one's own devices. The first match counts.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "CrOS": "Chromebook",
    "Linux": "Linux",
}


def _first(known: dict[str, str], text: str) -> str:
    return next((name for sign, name in known.items() if sign in text), "")


def device(request: HttpRequest) -> str:
    """Return „Firefox auf Windows“; nothing that would tell two phones of one kind apart."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    browser, system = _first(BROWSERS, agent) or "Browser", _first(SYSTEMS, agent)
    return f"{browser} auf {system}" if system else browser


def pad(request: HttpRequest) -> None:
    """A login that waits for its code and belongs to nobody costs the same query as any (T4)."""
    pending = request.session.get("account_login")
    if isinstance(pending, dict) and pending.get("user_pk") is None:
        request.session["account_login"] = pending | {"user_pk": uuid4().hex}


def note(request: HttpRequest) -> None:
    """Once a day write down that and where somebody is signed in."""
    session, today = request.session, clock.today().isoformat()
    if SESSION_KEY in session and session.get("active_on") != today:
        session.setdefault("since", clock.now().isoformat())
        session["device"], session["active_on"] = device(request), today


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> Any:
        from members.models import Session  # engines are imported before the apps are ready

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.device = data.get("device", "")
        row.since = datetime.fromisoformat(data["since"]) if "since" in data else None
        row.active_on = data.get("active_on")
        return row
