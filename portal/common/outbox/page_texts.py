"""Sentences of a page as data, per language: the same format, editor and fallback as mails (R10).

A page's body has one sentence a line, „key: sentence“. A line whose placeholder is empty is left
out; a key that somebody forgot in an own text comes from the shipped easy German.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.common.outbox import languages, texts
from portal.common.outbox.wording import Placeholder, Wording, fill


@dataclass(frozen=True, slots=True)
class PageText:
    """One page whose words are data; `template` names the shipped ones like a mail kind's."""

    code: str
    title: str
    template: str
    recipient: str
    placeholders: tuple[Placeholder, ...]

    def problems(self, text: Wording) -> list[str]:
        """Return in German what a page misses or has too much."""
        lines = [line for line in text.body.splitlines() if line.strip()]
        found = [line.partition(":")[0].strip() for line in lines]
        needed = list(_sentences(self._shipped().body))
        wrong = [f"Die Zeile „{key}: …“ fehlt." for key in needed if key not in found]
        wrong += [
            f"Die Zeile „{key[:40]}“ kennt diese Seite nicht. Jede Zeile beginnt mit ihrem Wort "
            "und einem Doppelpunkt."
            for key in found
            if key not in needed
        ]
        return wrong

    def _shipped(self) -> Wording:
        easy = texts.shipped(self, texts.MAIL, languages.EASY)
        assert easy is not None  # a test holds every page to it
        return easy


_pages: dict[str, PageText] = {}


def register(page: PageText) -> PageText:
    if page.code in _pages:
        raise ValueError(f"page {page.code} is registered twice")
    _pages[page.code] = page
    return page


def find(code: str) -> PageText | None:
    return _pages.get(code)


def all_pages() -> tuple[PageText, ...]:
    return tuple(_pages[code] for code in sorted(_pages))


def _sentences(body: str) -> dict[str, str]:
    return dict(_parted(body))


def _parted(body: str) -> Iterator[tuple[str, str]]:
    for line in body.splitlines():
        key, colon, sentence = line.partition(":")
        if colon:
            yield key.strip(), sentence.strip()


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says to this reader, and the language it says it in."""

    title: str
    said: Mapping[str, str]
    language: str


def words(page: PageText, language: str, values: Mapping[str, object]) -> Words:
    """Return the sentences in the reader's language with the facts of this moment."""
    found = texts.find(page, texts.MAIL, language)
    body = _sentences(page._shipped().body) | _sentences(found.wording.body)
    said = {key: fill(sentence, page.placeholders, values) for key, sentence in body.items()}
    title = fill(found.wording.subject, page.placeholders, values)
    return Words(title, said, languages.html_code(found.language))
