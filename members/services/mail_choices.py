"""„Was ich bekomme“: which kinds of mail a person wants, alone or said on the phone."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from members.models import Person
from members.services import objections
from members.services.answers import Answer, Choices, register
from portal.common.outbox import choices, kinds
from portal.common.outbox.choices import Way
from portal.common.outbox.kinds import MailClass, MailKind

WHY_ALWAYS = {
    MailClass.DUTY: "kommt immer, weil du es wissen musst",
    MailClass.REQUESTED: "kommt nur, wenn du es anforderst",
}


@dataclass(frozen=True, slots=True)
class Always:
    """A kind nobody can decline, and the reason."""

    kind: MailKind
    why: str


def always_sent() -> list[Always]:
    """Return what comes anyway; codes and links for signing in are said in one sentence."""
    return [
        Always(kind, WHY_ALWAYS[kind.mail_class])
        for kind in kinds.all_kinds()
        if not choices.can_be_chosen(kind) and not kinds.is_login(kind.code)
    ]


def ways_for(person: Person) -> Choices:
    """Return the ways this person can choose from: no mail without an address."""
    usual = Way.MAIL.label if person.email else "per Brief"
    ways = [(Way.MAIL.value, usual), (Way.NONE.value, Way.NONE.label)]
    if person.email:
        ways.insert(1, (Way.LETTER.value, Way.LETTER.label))
    return ways


@transaction.atomic
def choose(person: Person, ways: Mapping[str, str], by: Person) -> None:
    """Whoever wants something again has taken their objection to it back."""
    choices.choose(person.pk, ways, by.pk)
    objections.follow_choices(person)


def _named() -> Choices:
    return [(kind.code, kind.title) for kind in choices.all_choosable()]


def _none(person: Person) -> list[str] | None:
    return choices.as_lists(person.pk).none if choices.all_choosable() else None


def _letter(person: Person) -> list[str] | None:
    """Whoever has no address gets letters anyway."""
    if not person.email or not choices.all_choosable():
        return None
    return choices.as_lists(person.pk).letter


def _set_none(person: Person, listed: list[str], by: Person) -> None:
    choices.choose_listed(person.pk, Way.NONE, listed, by.pk)
    objections.follow_choices(person)


def _set_letter(person: Person, listed: list[str], by: Person) -> None:
    """Said of the same kind, „gar nicht“ is the stronger word."""
    declined = set(choices.as_lists(person.pk).none)
    kept = [code for code in listed if code not in declined]
    choices.choose_listed(person.pk, Way.LETTER, kept, by.pk)


register(
    Answer(
        "mail_none",
        "Möchte nicht mehr bekommen",
        _named,
        _none,
        _set_none,
        links=(choices.NO_MORE,),
        pages=("members:my_mail",),
        many=True,
    )
)
register(
    Answer(
        "mail_letter",
        "Lieber per Brief",
        _named,
        _letter,
        _set_letter,
        pages=("members:my_mail",),
        many=True,
    )
)
