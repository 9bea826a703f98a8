"""What an objection stops, at once; taking it back restores exactly that (Art. 21)."""

from uuid import UUID

from members.models import Onboarding, Person, RightsRequest, WaveReply
from members.models.tandems import still_looking
from members.queries.waves import RECONNECT
from members.services import onboarding, waves
from portal.common.outbox import choices, kinds
from portal.common.outbox.choices import Way
from portal.common.outbox.kinds import MailKind

Objection = RightsRequest.Objection
# Written into `undo` where the portal changed something.
MENTOR, CONTACT = "mentor", "contact"


def _kinds_of(objection: str) -> list[str]:
    """The kinds of mail this objection is about; no kind belongs to two."""
    codes = [kind.code for kind in choices.all_choosable()]
    if objection == Objection.INVITATIONS:
        return [code for code in codes if code != RECONNECT]
    return [RECONNECT] if objection == Objection.WAVES else []


def stops(recipient_key: UUID, kind: MailKind) -> bool:
    """Is there an objection that this kind of mail must not leave against?"""
    if kind.mail_class is not kinds.MailClass.INVITATION:
        return False
    objection = Objection.WAVES if kind.code == RECONNECT else Objection.INVITATIONS
    held = RightsRequest.objects.standing().filter(person=recipient_key, objection=objection)
    return held.exists()


def stop(person: Person, objection: str, by: Person) -> list[str]:
    """Stop it; returns what was changed, for `restore`."""
    if objection == Objection.MENTOR:
        wanted = Onboarding.objects.filter(still_looking(), person=person, wants_mentor=True)
        return [MENTOR] if wanted.update(wants_mentor=False) else []
    if objection == Objection.CONTACT:
        return [CONTACT] if onboarding.leave_alone(person, by) else []
    undo = _decline(person, _kinds_of(objection), by)
    if objection == Objection.WAVES:
        _end_running_wave(person)
    return undo


def _decline(person: Person, codes: list[str], by: Person) -> list[str]:
    before = choices.chosen_by(person.pk)
    changed = choices.choose(person.pk, dict.fromkeys(codes, Way.NONE), by.pk)
    return [f"{code}:{before.get(code, Way.MAIL)}" for code in changed]


def _end_running_wave(person: Person) -> None:
    """As if they had answered „lieber nicht“; that ends it without any question."""
    running = Onboarding.objects.running().filter(person=person, wave__isnull=False).first()
    if running:
        waves.reply(running, WaveReply.Answer.NO)


def restore(person: Person, undo: list[str], by: Person) -> None:
    """Put back what the objection changed, unless the person changed it again since."""
    now = choices.chosen_by(person.pk)
    ways = {}
    for entry in undo:
        if entry == MENTOR:
            Onboarding.objects.filter(still_looking(), person=person).update(wants_mentor=True)
        elif entry == CONTACT:
            onboarding.allow_contact(person)
        else:
            code, way = entry.rsplit(":", 1)
            if now.get(code) == Way.NONE:
                ways[code] = way
    choices.choose(person.pk, ways, by.pk)


def follow_choices(person: Person) -> None:
    """A kind that comes again ends the objection to it: the newer word holds."""
    chosen = choices.chosen_by(person.pk)
    wanted = [
        objection
        for objection in (Objection.INVITATIONS, Objection.WAVES)
        if any(chosen.get(code) != Way.NONE for code in _kinds_of(objection))
    ]
    RightsRequest.objects.take_back(person, *wanted)
