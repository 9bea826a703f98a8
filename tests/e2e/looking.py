"""What every page must be, whoever looks at it: readable, operable, without a barrier."""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
TOUCH = ".btn, .chip, .back, summary, .doors a, a.row-link, .form-control, .form-select"
SCRIPT = Axe().axe_script
# Only what is wrong comes back: everything that is right would take longer than the check.
CHECK = "async options => (await axe.run(document, options)).violations"

# One look at the page for everything that needs no engine.
LOOK = """(touch) => {
  const shown = element => element.checkVisibility({visibilityProperty: true});
  const all = selector => [...document.querySelectorAll(selector)].filter(shown);
  const name = element => element.outerHTML.slice(0, 80);
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  return {
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    h1: all('h1').length,
    lang: document.documentElement.lang,
    title: document.title.trim(),
    footer: [...document.querySelectorAll('footer a')].map(link => link.textContent.trim()),
    unlabelled: all('input:not([type=hidden]), select, textarea')
      .filter(field => ![...field.labels].some(label =>
        label.textContent.trim() && shown(label) && label.offsetWidth > 1)).map(name),
    small: all(touch).filter(element => element.getBoundingClientRect().height < 45.9).map(name),
    deadErrorLinks: [...document.querySelectorAll('[role=alert] a')]
      .map(link => link.hash.slice(1)).filter(id => !document.getElementById(id)),
    twice: ids.filter((id, index) => ids.indexOf(id) !== index),
    jumps: document.querySelectorAll('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])').length,
    widest: document.documentElement.scrollWidth > document.documentElement.clientWidth
      ? all('body *').filter(element => element.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 2).map(name) : [],
    wordsLost: all('.btn, .state, h1, .name').filter(
      element => element.scrollWidth > element.clientWidth + 1
        && getComputedStyle(element).display !== 'inline').map(name),
  };
}"""
RIGHT = {
    "sideways": 0,
    "h1": 1,
    "lang": "de",
    "footer": ["Impressum", "Datenschutz", "Barrierefreiheit"],
    "unlabelled": [],
    "small": [],
    "deadErrorLinks": [],
    "twice": [],
    "jumps": 0,
    "widest": [],
    "wordsLost": [],
}


def looked_at(page: Page) -> Iterator[str]:
    found = page.evaluate(LOOK, TOUCH)
    for rule, wanted in RIGHT.items():
        if found[rule] != wanted:
            yield f"{rule}: {found[rule]}"
    if not found["title"] or found["title"].startswith("·"):
        yield f"title: {found['title']}"


def violations(page: Page) -> Iterator[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    for violation in page.evaluate(CHECK, AXE):
        nodes = [node["html"][:120] for node in violation["nodes"][:3]]
        yield f"axe {violation['id']}: {nodes}"
