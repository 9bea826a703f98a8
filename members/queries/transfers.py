"""Changes of Ortsverein, as lists and as things to do."""

from datetime import timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from members.capabilities import kinds_granting
from members.models import Amt, Person, Transfer, User
from members.queries import chains
from portal.common import clock

State = Transfer.State
# After this a side that does not answer becomes the office's business.
PATIENCE = timedelta(days=7)
# The party's own rule: an answer within 21 days.
ANSWER_WITHIN = timedelta(days=21)


def sorted_for(user: User) -> QuerySet[Transfer]:
    """Everything this user has a say in, open ones first, newest first."""
    is_over = Case(When(state__in=Transfer.OPEN_STATES, then=Value(0)), default=Value(1))
    visible = Transfer.objects.visible_to(user).select_related(
        "person", "from_gliederung__level", "to_gliederung__level"
    )
    return visible.annotate(is_over=is_over).order_by("is_over", "-started_at", "pk")


def running(person: Person) -> Transfer | None:
    """The change this person is in the middle of."""
    sides = ("from_gliederung__level", "to_gliederung__level")
    return person.transfers.open().select_related(*sides).first()


def waiting_for(user: User) -> QuerySet[Transfer]:
    """Changes that stand still until this user answers; the office steps in where nobody does."""
    if user.sees_whole_district:
        late = Q(state__in=[State.OPEN, State.GIVEN], started_at__lt=clock.now() - PATIENCE)
        nobody = Q(~Exists(_speaking_for("from_gliederung")), state=State.OPEN) | Q(
            ~Exists(_speaking_for("to_gliederung")), state=State.GIVEN
        )
        waiting = Transfer.objects.filter(late | nobody | Q(state=State.TAKEN))
    else:
        acts = user.gliederungen("onboarding.act")
        waiting = Transfer.objects.visible_to(user).filter(
            Q(state=State.OPEN, from_gliederung__in=acts)
            | Q(state=State.GIVEN, to_gliederung__in=acts)
        )
    return waiting.exclude(person=user.person_id).order_by(F("started_at"))


def _speaking_for(side: str) -> QuerySet[Amt]:
    """Who can answer for one side today; the office comes where there is nobody."""
    kinds = set(kinds_granting("onboarding.act")) - set(kinds_granting("people.view"))
    there = chains.answering(Amt.objects.active().filter(kind__in=kinds), clock.today())
    return chains.over(there, f"{side}__path").exclude(person=OuterRef("person"))
