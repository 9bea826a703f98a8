"""The languages we write in: three are shipped, staff add more."""

from typing import Final

from portal.common.outbox.models import Language

GERMAN: Final = "de"
EASY: Final = "leicht"
ENGLISH: Final = "en"
SHIPPED: Final = ((GERMAN, "Deutsch"), (EASY, "Einfaches Deutsch"), (ENGLISH, "English"))


def load_shipped() -> None:
    """Create what is missing; a name that staff changed stays."""
    for position, (code, name) in enumerate(SHIPPED):
        Language.objects.get_or_create(code=code, defaults={"name": name, "position": position})


def choices() -> list[tuple[str, str]]:
    """All languages in their order, as a form field wants them."""
    return list(Language.objects.values_list("code", "name"))


def name_of(code: str) -> str:
    """Return the language's name; its code when nobody named it."""
    return dict(choices()).get(code, code)


def html_code(code: str) -> str:
    """Return what HTML and PDF call it: easy German is German."""
    return GERMAN if code == EASY else code
