"""What each code of the audit log means in German: one registry for every page that shows events.

Each app registers its groups in its `audit_codes.py`. A code that ends with a dot stands for all
codes that begin with it. A code used anywhere without a sentence fails a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Group:
    """Codes that somebody looks for together."""

    code: str
    title: str
    sentences: Mapping[str, str]

    @property
    def events(self) -> Q:
        """The condition on AuditEvent that finds this group."""
        wanted = Q(code__in=[code for code in self.sentences if not code.endswith(".")])
        for code in self.sentences:
            if code.endswith("."):
                wanted |= Q(code__startswith=code)
        return wanted


_groups: dict[str, Group] = {}
_sentences: dict[str, str] = {}


def register(group: Group) -> Group:
    """Make a group known; each group and each code once."""
    if group.code in _groups or _sentences.keys() & group.sentences.keys():
        raise ValueError(f"audit group {group.code} is registered twice")
    _groups[group.code] = group
    _sentences.update(group.sentences)
    return group


def groups() -> tuple[Group, ...]:
    return tuple(sorted(_groups.values(), key=lambda group: group.title))


def find(code: str) -> Group | None:
    return _groups.get(code)


def sentence(code: str) -> str | None:
    """Return what happened, in German; None for a code nobody has registered."""
    return _sentences.get(code) or _sentences.get(code.rpartition(".")[0] + ".")


register(
    Group(
        "einwilligungen",
        "Einwilligungen",
        {
            "consent.given.": "Einwilligung gegeben",
            "consent.withdrawn.": "Einwilligung zurückgenommen",
        },
    )
)
register(
    Group(
        "regeln",
        "Löschregeln",
        {
            "retention.approved": "Löschregeln freigegeben",
            "retention.stopped": "Löschregel angehalten",
            "retention.run": "Löschregel ausgeführt",
        },
    )
)
register(
    Group(
        "post",
        "Post",
        {
            "mail.chosen": "Ausgewählt, welche Mails kommen",
            "mail.retried": "Mail noch einmal verschickt",
            "mail.stopped": "Mail angehalten",
            "mailtext.changed": "Text einer Mail geändert",
            "mailtext.reset": "Text einer Mail zurückgesetzt",
            "language.added": "Sprache hinzugefügt",
            "letters.printed": "Briefe gedruckt",
            "letters.sent": "Briefe als verschickt abgehakt",
            "letters.unticked": "Haken an Briefen zurückgenommen",
            "letters.unprinted": "Brief wieder zum Drucken vorgesehen",
            "address.paused": "E-Mail-Adresse ruht: Mails kamen zurück",
            "address.unpaused": "E-Mail-Adresse wieder benutzt",
        },
    )
)
