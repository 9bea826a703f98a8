"""Every page × state × width × light and dark: readable, operable, and it calls nobody else."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.looking import looked_at, violations
from tests.e2e.scenes import Scene, scenes

WIDTHS = ((360, 780), (1280, 900))


def problems_of(page: Page) -> Iterator[str]:
    """The page is loaded once; width, scheme and text size are the reader's, not the server's."""
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            at = f"{width} {scheme}"
            yield from (f"{at} {problem}" for problem in [*looked_at(page), *violations(page)])
    page.set_viewport_size({"width": 320, "height": 640})
    yield from (f"320 {problem}" for problem in looked_at(page))
    page.set_viewport_size({"width": 360, "height": 780})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    yield from (f"200 % {problem}" for problem in looked_at(page))


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.id)
def test_page(scene: Scene, live_server, live_world, open_page):
    scene.prepare(live_world)
    user = None if scene.role == "anon" else live_world.user(scene.role)
    page = open_page(live_server.url, user, reduced_motion="reduce")
    page.goto(scene.path(live_world))
    if scene.act:
        scene.act(page)

    if scene.state == "errors":
        assert page.locator("main [role=alert]").evaluate("box => document.activeElement === box")
    problems = list(problems_of(page))
    assert problems == [], "\n".join(problems)


def test_the_check_sees_what_is_wrong(open_page):
    page = open_page("http://localhost")
    page.set_content("<html lang='de'><title>A</title><main><h1>A</h1><img src='data:,'></main>")
    assert [found.split(":")[0] for found in violations(page)] == ["axe image-alt"]
