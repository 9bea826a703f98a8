"""What staff keep themselves: each app registers sections, one pair of pages shows them all.

A section is one call in the app's `verwaltung.py` (imported in `AppConfig.ready`, above forms):

    verwaltung.register(
        Section(
            code="themen",                      # /verwaltung/themen/
            title="Themen",
            sentence="Was Menschen wichtig ist. Daraus wählen alle.",
            icon="tag",                         # heroicon (outline)
            may=policies.can_manage_organisation,         # user -> bool, else 403
            rows=lambda _user: Topic.objects.all(),        # visible and sorted; else 404
            columns=(Column("Name", lambda t: t.name),),  # the first one is the link
            form=TopicForm,                     # a RowForm, or a form that takes its keywords
            save=lambda form, user: service.save_topic(form, user),  # may raise DomainError
            new="Neues Thema",                  # "" = nothing can be added
            events={"topic.saved": "geändert"},  # audit codes shown as history
        )
    )

More is optional: `search`, `filters` (chips above the list; the first one holds), `facts` (what
to know before changing), `state` (a chip per row), `actions` (verbs beside saving, each with a
page that asks first, or one tap). Cards of the hub that lead elsewhere: `register_card`.
Test rows: `tests/security/cells_verwaltung.py` takes every section from this registry.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Model, QuerySet

from portal.common.forms import PortalFormMixin

Rows = QuerySet[Any, Any]

# The headings of the hub, in this order.
PEOPLE = "Menschen"
CARERS = "Wer sich kümmert"
POST = "Import und Post"
DATA_PROTECTION = "Datenschutz"
SET_UP = "Einmal eingerichtet"
GROUPS = (PEOPLE, CARERS, POST, DATA_PROTECTION, SET_UP)


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    value: Callable[[Any], object]  # the row -> its text; empty ones are left out


@dataclass(frozen=True, slots=True)
class Filter:
    """One chip above the list."""

    code: str
    title: str
    narrow: Callable[[Rows], Rows]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one should know about a row, with the page on which it is settled."""

    label: str
    value: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A word beside a row; `tone` is late, soon, good or empty."""

    word: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A verb beside saving: asks on a page of its own, unless `one_tap`.

    `do(row, data, user)` returns the sentence that is shown; it may raise a DomainError.
    """

    code: str
    label: str
    question: str
    do: Callable[[Any, dict[str, Any], Any], str]
    offered: Callable[[Any, Any], bool] = lambda _row, _user: True
    form: "type[ActionForm] | None" = None
    one_tap: bool = False
    # The numbers of this row, said before the button: what exactly would happen.
    foresees: Callable[[Any, Any], str] = lambda _row, _user: ""


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of row that staff list, search and edit."""

    code: str
    title: str
    sentence: str
    icon: str
    may: Callable[[Any], bool]
    rows: Callable[[Any], Rows]
    columns: tuple[Column, ...]
    form: Callable[..., forms.BaseForm]
    save: Callable[[Any, Any], Model]
    new: str = ""
    saved: str = "Gespeichert."
    empty: str = "Hier ist noch nichts eingetragen."
    hint: str = ""  # a sentence above the form
    events: Mapping[str, str] = field(default_factory=dict)
    search: Callable[[Rows, str], Rows] | None = None
    filters: tuple[Filter, ...] = ()
    state: Callable[[Any], State | None] = lambda _row: None
    facts: Callable[[Any, Any], Iterable[Fact]] = lambda _row, _user: ()
    actions: tuple[Action, ...] = ()
    single: bool = False  # there is exactly one row: the list leads straight to it
    list_url: str = ""  # name of the page that lists these rows already
    group: str = SET_UP


@dataclass(frozen=True, slots=True)
class Card:
    """A way from the hub to a page that is no section."""

    title: str
    sentence: str
    icon: str
    url: str  # name of the URL
    may: Callable[[Any], bool]
    group: str


class RowForm(PortalFormMixin, forms.ModelForm):
    """The form of one row; `instance` is the row, `user` whoever fills it in."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)


class ActionForm(PortalFormMixin, forms.Form):
    """What an action wants to know about `row`."""

    def __init__(self, *args: Any, row: Any, user: Any, **kwargs: Any) -> None:
        self.row, self.user = row, user
        super().__init__(*args, **kwargs)


_sections: dict[str, Section] = {}
_cards: dict[str, Card] = {}


def register(section: Section) -> Section:
    """Make a section known; each code once."""
    if section.code in _sections:
        raise ValueError(f"section {section.code} is registered twice")
    _sections[section.code] = section
    return section


def register_card(card: Card) -> Card:
    """Add a card to the hub; each URL once."""
    if card.url in _cards:
        raise ValueError(f"card {card.url} is registered twice")
    _cards[card.url] = card
    return card


def find(code: str) -> Section | None:
    return _sections.get(code)


def sections() -> tuple[Section, ...]:
    return tuple(_sections.values())


def cards() -> tuple[Card, ...]:
    return tuple(_cards.values())
