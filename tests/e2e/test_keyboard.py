"""Without a mouse: every stop can be seen, nothing traps, and the whole task can be done."""

import pytest
from playwright.sync_api import Page, expect

from members.models import Contact

FOCUS = """async () => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const element = document.activeElement;
  if (element === document.body) return null;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const bar = document.querySelector('.bar');
  const covered = bar && !bar.contains(element) && getComputedStyle(bar).position === 'fixed'
    && box.bottom > bar.getBoundingClientRect().top + 1 && box.height < innerHeight / 2;
  return {
    text: (element.innerText || element.name || element.id).trim(),
    outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && !covered,
    key: element.outerHTML + box.top + scrollY,
  };
}"""


def stops(page: Page, limit: int = 80) -> list[dict]:
    """Tab through the page once; fails when a stop is hidden or the walk never ends."""
    found: list[dict] = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None or (found and focus["key"] == found[0]["key"]):
            return found
        found.append(focus)
    raise AssertionError(f"no end after {limit} stops: {found[-3:]}")


def tab_to(page: Page, text: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus and text in focus["text"]:
            return
    raise AssertionError(f"„{text}“ is not reachable by Tab")


PAGES = [
    ("anon", "/"),
    ("anon", "/konto/anmelden/"),
    ("ansprechperson", "/heute/"),
    ("newcomer", "/start/"),
    ("staff", "/uebersicht/"),
    ("staff", "/import/"),
]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("role", "path"), PAGES)
def test_every_stop_is_seen_and_the_skip_link_comes_first(
    role, path, width, live_server, live_world, open_page
):
    user = None if role == "anon" else live_world.user(role)
    viewport = {"width": width, "height": 780}
    # Smooth scrolling would still be on its way when we look.
    page = open_page(live_server.url, user, viewport=viewport, reduced_motion="reduce")
    page.goto(path)

    found = stops(page)

    assert found[0]["text"] == "Zum Inhalt"
    assert [stop["text"] for stop in found if not (stop["outline"] and stop["seen"])] == []
    expected = page.locator("a[href], button, input:not([type=hidden]), select, summary")
    assert len(found) == sum(element.is_visible() for element in expected.all())


def test_a_talk_is_logged_with_the_keyboard_alone(live_server, live_world, open_page):
    page = open_page(live_server.url, live_world.user("ansprechperson"))
    page.goto("/heute/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link

    tab_to(page, "Ergebnis eintragen")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wie war’s mit")
    tab_to(page, "Notiz dazu")
    page.keyboard.press("Enter")
    tab_to(page, "note")
    page.keyboard.type("Mag Musik.")
    tab_to(page, "Wir haben gesprochen")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Danke!")
    assert Contact.objects.get().note == "Mag Musik."


def test_after_a_mistake_the_focus_is_on_the_summary_and_its_link_leads_to_the_field(
    live_server, live_world, open_page
):
    page = open_page(live_server.url)
    page.goto("/konto/anmelden/")
    page.get_by_role("button", name="Anmelden").click()

    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("jana@example.org")
    expect(page.get_by_label("E-Mail-Adresse")).to_have_value("jana@example.org")
