"""Forget people: everything about them goes in one transaction, and nobody else is touched.

What points to them from other people's rows (who wrote it down, who gave an office) becomes empty
by itself. What names them without a foreign key is listed in the retention registry.
"""

from collections.abc import Collection
from uuid import UUID

from django.apps import apps
from django.db.models import F, Q
from django.db.models.functions import Greatest

from members.models import Amt, Interest, Onboarding, PastMembership, Person, Reminder
from members.models.retention import held_people
from members.queries import erasure as queries
from members.services import interest_contacts, onboarding
from members.services.people import lock_people
from portal.common import audit, clock, ledger, retention
from portal.common.models import Consent
from portal.common.outbox.models import OutgoingMail
from portal.common.scope import scope

DIGEST = "members.digest"
# A few people are also searched by name in what was written to others in the last two weeks; the
# many of a nightly run have been away for months, and every name in every text would take hours.
FEW = 50


# A person who is gone takes the rows that hang on them out of a request's reach, halfway through.
@scope("system:erasure")
def erase(people: Collection[UUID], rule: str, *, even_held: bool = False) -> int:
    """Erase whole people; returns how many. Unknown ids and held people are left alone.

    `rule` is why: the code of a deletion rule, or of a wish. The ledger is on disk before this
    commits, so that a backup can never bring somebody back. `even_held`: after a restore, because
    a hold of that day was over when we erased them.
    """
    lock_people()
    known = Person.objects.filter(pk__in=people).select_for_update(of=("self",)).order_by("pk")
    if not even_held:
        known = known.exclude(pk__in=held_people())
    pks = list(known.values_list("pk", flat=True))
    if not pks:
        return 0
    _hand_over(pks)
    _forget_what_others_were_told(pks)
    PastMembership.objects.bulk_create(queries.past_memberships(pks), batch_size=1000)
    # The proof of a consent stays as an id that belongs to nobody; nothing holds any more.
    Consent.objects.filter(subject__in=pks, withdrawn_at=None).update(withdrawn_at=clock.now())
    forms = Interest.objects.filter(person__in=pks).values_list("pk", flat=True)
    erase_companions([*pks, *forms])
    audit.record("person.erased", None, fields=[rule], count=len(pks))
    Person.objects.filter(pk__in=pks).delete()
    ledger.append(pks, rule)
    return len(pks)


@scope("system:erasure")
def erase_forms(forms: Collection[UUID], rule: str = "") -> int:
    """Forms „Ich will mitmachen“ with the mails to their address. The counter (a hash) stays."""
    found = Interest.objects.filter(pk__in=forms).exclude(person__in=held_people())
    pks = list(found.values_list("pk", flat=True))
    erase_companions(pks)
    return Interest.objects.filter(pk__in=pks).delete()[1].get("members.Interest", 0)


def _hand_over(pks: list[UUID]) -> None:
    """Offices end, and whoever depended on these people gets somebody else in the same moment."""
    ending = Amt.objects.unfinished().filter(person__in=pks)
    for amt in ending:
        audit.record("amt.ended", None, amt, ["ende"])
    ending.update(ende=Greatest(F("beginn"), clock.today()), ended_at=clock.now())
    left_alone = Onboarding.objects.running().filter(responsible__in=pks).exclude(person__in=pks)
    onboarding.reassign([one.person for one in left_alone.select_related("person")])
    interest_contacts.find_responsibles(Q(responsible__in=pks))


def _forget_what_others_were_told(pks: list[UUID]) -> None:
    """Texts are kept for two weeks: those that name these people lose their words at once."""
    ids = queries.ids_about(pks)
    reminders, told = queries.told_in_digests(ids)
    Reminder.objects.filter(pk__in=reminders).delete()
    kept = OutgoingMail.objects.exclude(body="").exclude(recipient_key__in=pks)
    kept.filter(
        Q(kind=DIGEST, recipient_key__in=told) | Q(pk__in=queries.mails_naming(ids)) | _by_name(pks)
    ).update(body="")


def _by_name(pks: list[UUID]) -> Q:
    found = Q(pk__in=[])
    if len(pks) <= FEW:
        for person in Person.objects.filter(pk__in=pks):
            found |= Q(body__contains=person.full_name)
    return found


def erase_companions(keys: Collection[UUID]) -> None:
    for label, subject in retention.companions().items():
        rows = apps.get_model(label)._base_manager.filter(**{f"{subject}__in": keys})
        rows.delete()
