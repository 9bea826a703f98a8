"""A real browser against a real server: one Chromium for all tests, one context per person."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import BACKEND, just_confirmed
from tests.e2e.watch import Watch

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
MISSING = "Chromium wurde nicht gefunden, darum sind die Browser-Tests nicht gelaufen."
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Skipping is for laptops; in CI a missing browser is a failure."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # Playwright's loop runs in this thread, so Django takes all its ORM calls for async ones.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What no page may do; checked at the end of each test."""
    watch = Watch()
    yield watch
    assert watch.problems == []


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open an empty page in a context of its own: `open_page(base_url, user=None, **options)`."""
    contexts: list[BrowserContext] = []

    def open_(base_url: str, user=None, **options) -> Page:
        options.setdefault("viewport", {"width": 360, "height": 780})
        context = browser.new_context(base_url=base_url, locale="de-DE", **options)
        context.set_default_timeout(10_000)
        watch.over(context, base_url)
        contexts.append(context)
        if user is not None:
            context.add_cookies([session_cookie(user, base_url)])
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


def session_cookie(user, base_url: str) -> dict[str, str]:
    """Signed in a moment ago, so that pages asking for a fresh password let us in."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    just_confirmed(client, user)
    session = client.session
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": session.session_key,
        "url": base_url,
    }


@pytest.fixture(autouse=True)
def _fresh_login_limits(request) -> Iterator[None]:
    yield
    if "live_server" in request.fixturenames:
        cache.clear()
