"""The one format of mail texts, shipped or written by staff: {placeholders}, and nothing else.

A line in which a placeholder is empty is left out; that is how a text has optional parts.
Knows no Django, and never evaluates anything a text or a name contains.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_SUBJECT = 120
MOST_BODY = 6000
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
# R12: whoever looks over a shoulder at the list of mails learns nothing.
_OUTING = re.compile(r"spd|partei|mitglied|member|ortsverein|genoss|party", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a text may leave open.

    `is_needed`: every text has it. `may_be_empty`: the line vanishes then. `is_list`: several
    lines, alone on its line. `is_link`: vanishes in a letter, where nobody can tap.
    """

    name: str
    meaning: str
    sample: str
    is_needed: bool = False
    may_be_empty: bool = False
    is_list: bool = False
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    body: str


def _value(name: str, values: Mapping[str, object], lists: set[str]) -> str:
    text = str(values[name] or "").strip()
    # One line stays one line, so that no name can smuggle in another.
    return text if name in lists else " ".join(text.split())


def fill(text: str, placeholders: Iterable[Placeholder], values: Mapping[str, object]) -> str:
    """Put the values in, in one pass; KeyError for a value that nobody gave."""
    lists = {placeholder.name for placeholder in placeholders if placeholder.is_list}
    lines = []
    for line in text.splitlines():
        parts = _PLACEHOLDER.split(line)  # text, name, text, name, … text
        found = [_value(name, values, lists) for name in parts[1::2]]
        if all(found):
            shown = [
                "" if _is_flag(name) else value
                for name, value in zip(parts[1::2], found, strict=True)
            ]
            pairs = zip(parts[::2], [*shown, ""], strict=True)
            lines.append("".join(before + value for before, value in pairs).rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _is_flag(name: str) -> bool:
    """„wenn_…“ shows nothing itself: it only decides whether its line stays."""
    return name.startswith("wenn_")


def blank(value: object, mark: str) -> str:
    """Return what is kept of a secret: the words around its links, or nothing."""
    text, count = _LINK.subn(mark, str(value))
    return text if count else mark


def problems(wording: Wording, placeholders: Iterable[Placeholder], *, letter: bool) -> list[str]:
    """Return in German what is wrong with a text; nothing when it may be used."""
    known = {placeholder.name: placeholder for placeholder in placeholders}
    return [
        *_too_long(wording),
        *_unknown(wording, known),
        *_bad_subject(wording.subject, known),
        *_missing(wording.body, known, letter=letter),
        *_mixed_lines(wording.body, known),
    ]


def _too_long(wording: Wording) -> Iterable[str]:
    if not wording.subject.strip() or not wording.body.strip():
        yield "Betreff und Text dürfen nicht leer sein."
    if len(wording.subject) > MOST_SUBJECT:
        yield f"Der Betreff ist zu lang: höchstens {MOST_SUBJECT} Zeichen."
    if len(wording.body) > MOST_BODY:
        yield f"Der Text ist zu lang: höchstens {MOST_BODY} Zeichen."


def _unknown(wording: Wording, known: Mapping[str, Placeholder]) -> Iterable[str]:
    both = f"{wording.subject}\n{wording.body}"
    for name in dict.fromkeys(_PLACEHOLDER.findall(both)):
        if name not in known:
            yield (
                f"Den Platzhalter {{{name}}} gibt es hier nicht. "
                "Welche es gibt, steht unter dem Text."
            )
    if re.search(r"[{}]", _PLACEHOLDER.sub("", both)):
        yield "Geschweifte Klammern sind nur für Platzhalter da. Eine steht hier allein."


def _bad_subject(subject: str, known: Mapping[str, Placeholder]) -> Iterable[str]:
    if any(not character.isprintable() for character in subject):
        yield "Der Betreff muss in einer Zeile stehen, ohne Umbruch."
    if _OUTING.search(_PLACEHOLDER.sub("", subject)):
        yield (
            "Der Betreff darf nicht verraten, dass jemand Mitglied ist. "
            "Bitte ohne Partei, Mitglied oder Ortsverein."
        )
    for name in _PLACEHOLDER.findall(subject):
        placeholder = known.get(name)
        if placeholder and (placeholder.may_be_empty or placeholder.is_list or placeholder.is_link):
            yield f"{{{name}}} passt nicht in den Betreff."


def _missing(body: str, known: Mapping[str, Placeholder], *, letter: bool) -> Iterable[str]:
    used = set(_PLACEHOLDER.findall(body))
    for name, placeholder in known.items():
        needed = placeholder.is_needed and not (letter and placeholder.is_link)
        if needed and name not in used:
            yield f"Der Platzhalter {{{name}}} fehlt: {placeholder.meaning}."


def _mixed_lines(body: str, known: Mapping[str, Placeholder]) -> Iterable[str]:
    """A needed placeholder must not vanish together with somebody else's empty one."""
    for line in body.splitlines():
        here = [known[name] for name in _PLACEHOLDER.findall(line) if name in known]
        lists = [placeholder for placeholder in here if placeholder.is_list]
        if lists and line.strip() != f"{{{lists[0].name}}}":
            yield f"{{{lists[0].name}}} braucht eine Zeile für sich allein."
        sure = [p for p in here if p.is_needed and not p.may_be_empty]
        loose = [p for p in here if p.may_be_empty]
        if sure and loose:
            yield (
                f"{{{sure[0].name}}} und {{{loose[0].name}}} stehen in einer Zeile. Fehlt die "
                "zweite Angabe, fiele die ganze Zeile weg. Bitte mach zwei Zeilen daraus."
            )
