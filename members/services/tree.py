"""Change the tree of Gliederungen: new, renamed, moved, merged, closed. One at a time."""

from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Value
from django.db.models.functions import Concat, Substr

from members.models import Amt, District, Gliederung, Level, MitmachOrt, Person, Transfer
from members.models.people import former_member
from members.services import onboarding, organisation, transfers
from portal.common import audit, clock
from portal.common.errors import DomainError


class TreeRefused(DomainError):
    """The tree would no longer make sense, or something is still in the way."""


@transaction.atomic
def save_gliederung(form: Any, by: Person) -> Gliederung:
    """Create a node where the form says, or rename it; Kommunen are set as ticked."""
    organisation.lock()
    data, node = form.cleaned_data, form.instance
    if node._state.adding:
        parent = _open(data["parent"])
        _check_level(data["level"], parent, below=None)
        _refuse_same_names([Gliederung(name=data["name"])], parent)
        node = organisation.create_gliederung(data["name"], data["level"], parent)
    else:
        changed = node
        node = _open(node)
        _check_level(changed.level, node.parent, below=node)
        _check_new_level(node, changed.level)
        if node.parent:
            _refuse_same_names([changed], node.parent)
        node.name, node.level = changed.name, changed.level
        node.save(update_fields=["name", "level"])
    node.kommunen.set(data["kommunen"])
    code = "gliederung.created" if form.instance._state.adding else "gliederung.changed"
    if form.changed_data:
        audit.record(code, by.pk, node, form.changed_data)
    return node


@transaction.atomic
def move(node: Gliederung, parent: Gliederung, by: Person) -> None:
    """Hang a node and everything below it under another parent."""
    organisation.lock()
    node, parent = _open(node), _open(parent)
    if parent.path.startswith(node.path):
        raise TreeRefused("Eine Gliederung kann nicht unter sich selbst hängen.")
    _refuse_district(node)
    _check_level(node.level, parent, below=None)
    _refuse_same_names([node], parent)
    _hang(node, parent)
    onboarding.reassign_below(node.path)
    audit.record("gliederung.moved", by.pk, node, ["parent"])


@transaction.atomic
def merge(source: Gliederung, target: Gliederung, by: Person) -> None:
    """Let `source` go into `target`: people, Kommunen and children move, offices there end.

    The old name keeps meaning the target in every later import.
    """
    organisation.lock()
    source, target = _open(source), _open(target)
    children = list(source.children.open().select_related("level"))
    _check_merge(source, target, children)
    for child in children:
        _hang(child, target)
    Person.objects.filter(gliederung=source).update(gliederung=target)
    MitmachOrt.objects.filter(gliederung=source).update(gliederung=target)
    transfers.follow_merge(source, target, by)
    target.kommunen.add(*source.kommunen.all())
    source.kommunen.clear()
    _end_offices(source)
    source.predecessors.update(successor=target)
    source.closed_on, source.successor = clock.today(), target
    source.save(update_fields=["closed_on", "successor"])
    onboarding.reassign_below(target.path)
    audit.record("gliederung.merged", by.pk, source, ["successor", "closed_on"])
    audit.record("gliederung.took_in", by.pk, target)


def _check_merge(source: Gliederung, target: Gliederung, children: list[Gliederung]) -> None:
    if source == target:
        raise TreeRefused("Bitte wähle eine andere Gliederung als diese.")
    _refuse_district(source)
    if target.path.startswith(source.path):
        raise TreeRefused("Das Ziel liegt unter dieser Gliederung. Bitte häng es zuerst um.")
    people = Person.objects.filter(gliederung=source).exists()
    if people and not target.level.takes_members:
        raise TreeRefused(f"{target} nimmt keine Mitglieder auf.")
    for child in children:
        _check_level(child.level, target, below=None)
    _refuse_same_names(children, target)


def _end_offices(node: Gliederung) -> None:
    for amt in node.aemter.unfinished().select_for_update():
        amt.ende, amt.ended_at = max(amt.beginn, clock.today()), clock.now()
        amt.save(update_fields=["ende", "ended_at"])


def left_here(node: Gliederung) -> list[str]:
    """Say what still belongs to a Gliederung; nothing is left when it may be closed."""
    counted = (
        (len(_still_here(node)), "Person", "Personen"),
        (node.aemter.unfinished().count(), "laufendes Amt", "laufende Ämter"),
        (
            Transfer.objects.open().filter(to_gliederung=node).count(),
            "offener Wechsel hierher",
            "offene Wechsel hierher",
        ),
        (node.children.open().count(), "Gliederung darunter", "Gliederungen darunter"),
    )
    return [f"{count} {one if count == 1 else many}" for count, one, many in counted if count]


def _still_here(node: Gliederung) -> list[Any]:
    """Whoever has left the party stays where they were: that is history."""
    return list(node.people.exclude(former_member(OuterRef("pk"))).values_list("pk")[:1000])


@transaction.atomic
def close(node: Gliederung, by: Person) -> None:
    """Take an empty Gliederung out of every list; it stays for history."""
    organisation.lock()
    node = _open(node)
    _refuse_district(node)
    left = left_here(node)
    if left:
        raise TreeRefused(
            f"Hier ist noch etwas: {', '.join(left)}. "
            "Bitte löse das zuerst auf oder leg die Gliederung mit einer anderen zusammen."
        )
    node.closed_on = clock.today()
    node.save(update_fields=["closed_on"])
    audit.record("gliederung.closed", by.pk, node, ["closed_on"])


@transaction.atomic
def reopen(node: Gliederung, by: Person) -> None:
    """Take a closing back. What was merged away stays where it is."""
    organisation.lock()
    node = Gliederung.objects.select_for_update(of=("self",)).get(pk=node.pk)
    if node.closed_on is None:
        return
    if node.parent and node.parent.closed_on:
        raise TreeRefused(f"{node.parent} ist auch geschlossen. Bitte öffne das zuerst.")
    if node.parent:
        _refuse_same_names([node], node.parent)
    node.closed_on = node.successor = None
    node.save(update_fields=["closed_on", "successor"])
    audit.record("gliederung.reopened", by.pk, node, ["closed_on"])


@transaction.atomic
def save_level(form: Any, by: Person) -> Level:
    """Store a level, unless Gliederungen or offices already rely on what it was."""
    organisation.lock()
    level: Level = form.instance
    is_new = level._state.adding
    if not is_new:
        _check_level_change(level)
    level.save()
    if form.changed_data:
        code = "level.created" if is_new else "level.changed"
        audit.record(code, by.pk, level, form.changed_data)
    return level


def _check_level_change(level: Level) -> None:
    before = Level.objects.get(pk=level.pk)
    nodes = Gliederung.objects.filter(level=level)
    if level.takes_members != before.takes_members:
        # Otherwise the second pair of eyes for an office could be switched off (R30).
        offices = Amt.objects.unfinished().filter(gliederung__level=level).exists()
        if offices or Person.objects.filter(gliederung__level=level).exists():
            raise TreeRefused(
                "Auf dieser Ebene gibt es schon Personen oder Ämter. "
                "Ob sie Mitglieder aufnimmt, lässt sich deshalb nicht mehr ändern."
            )
    above = nodes.filter(parent__level__position__gte=level.position)
    below = nodes.filter(children__level__position__lte=level.position)
    if above.exists() or below.exists():
        raise TreeRefused(
            "Mit dieser Reihenfolge läge eine Gliederung über der, zu der sie gehört."
        )


def _check_new_level(node: Gliederung, level: Level) -> None:
    """As for a level itself: nobody switches the second pair of eyes off for a moment (R30)."""
    if level.takes_members == node.level.takes_members:
        return
    is_top = District.objects.filter(gliederung__path__startswith=node.path).exists()
    if is_top or node.aemter.unfinished().exists() or node.people.exists():
        raise TreeRefused(
            f"{node} gehört zum Parteigebiet selbst oder hat schon Personen oder Ämter. "
            f"„{level}“ passt deshalb nicht: Ob hier Menschen Mitglied werden, bleibt, wie es ist."
        )


def _open(node: Gliederung) -> Gliederung:
    """Return the node as it is now, locked; refuse one that was closed in the meantime."""
    found = (
        Gliederung.objects.select_for_update(of=("self",))
        .select_related("level", "parent__level", "successor")
        .get(pk=node.pk)
    )
    if found.closed_on:
        raise TreeRefused(organisation.closed_sentence(found))
    return found


def _refuse_district(node: Gliederung) -> None:
    if District.objects.filter(gliederung__path__startswith=node.path).exists():
        raise TreeRefused("Das ist das Parteigebiet selbst. Es bleibt, wo es ist.")


def _check_level(level: Level, parent: Gliederung | None, below: Gliederung | None) -> None:
    """Each level lies under a higher one; that alone makes rings impossible."""
    if parent and level.position <= parent.level.position:
        raise TreeRefused(f"Ein {level} kann nicht zu {parent} gehören: Die Ebene passt nicht.")
    if below and below.children.filter(level__position__lte=level.position).exists():
        raise TreeRefused(f"Darunter liegen Gliederungen, die nicht zu einem {level} passen.")


def _refuse_same_names(nodes: list[Gliederung], parent: Gliederung) -> None:
    names = {node.name for node in nodes}
    taken = parent.children.open().filter(name__in=names).exclude(pk__in=[n.pk for n in nodes])
    if found := taken.first():
        raise TreeRefused(f"Unter {parent} gibt es „{found.name}“ schon. Bitte benenne eins um.")


def _hang(node: Gliederung, parent: Gliederung) -> None:
    """Rewrite the path of the whole subtree; the only place besides creation."""
    old, new = node.path, node.path_below(parent)
    Gliederung.objects.filter(pk=node.pk).update(parent=parent)
    Gliederung.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr(F("path"), len(old) + 1))
    )
    node.parent, node.path = parent, new
