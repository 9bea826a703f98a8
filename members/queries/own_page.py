"""What *Mein Start* needs to know about one newcomer, in one question to the database."""

from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from members.labels import LANGUAGES, SLOTS
from members.models import MatchingRun, MatchProposal, Onboarding, Person, Tandem
from members.queries import pulse
from portal.common import clock

SPOKEN_ABOUT = timedelta(days=60)


def own_onboarding(person: Person) -> Onboarding | None:
    """Return the newest arrival of this person, whatever became of it."""
    own = person.onboardings.select_related("responsible", "person__gliederung__level")
    return own.order_by("-started_on").first()


def own_page(person: Person) -> Any | None:
    """The same with `has_topics`, the open question, `proposed` (R14) and the open `tandem`."""
    own = person.onboardings.select_related("responsible", "person__gliederung__level")
    chosen = Person.topics.through.objects.filter(person_id=person.pk)
    own = own.annotate(
        has_topics=Exists(chosen), proposed=Subquery(_proposed()), tandem=Subquery(_tandem())
    )
    return pulse.with_question(own).order_by("-started_on").first()


def _proposed() -> Any:
    mentor = "mentor__person__"
    chosen = Person.topics.through.objects.filter(person_id=OuterRef("mentor__person"))
    topics = chosen.order_by("topic__position").values("topic__name")
    found = MatchProposal.objects.filter(
        onboarding=OuterRef("pk"), run__state=MatchingRun.State.CURRENT, mentor__isnull=False
    )
    card = JSONObject(
        pk=F("mentor"),
        explanation=F("explanation"),
        languages=F(f"{mentor}languages"),
        times=F(f"{mentor}availability"),
        region=F(f"{mentor}kommune__short_name"),
        topics=ArraySubquery(topics),
    )
    return found.values(card=card)[:1]


def _tandem() -> Any:
    """The open one, or what ended lately and can still be spoken about."""
    own = Tandem.objects.filter(newcomer=OuterRef("person"))
    lately = Q(started_on__isnull=False, ended_on__gte=clock.today() - SPOKEN_ABOUT)
    found = own.filter(~Q(state=Tandem.State.ENDED) | lately).order_by(F("ended_on").desc())
    return found.values(card=JSONObject(pk="pk", state="state", outcome="outcome"))[:1]


def mentor_card(onboarding: Any) -> dict[str, Any] | None:
    """Topics, languages, region and times; no name before two yeses, nothing unasked (R14)."""
    card = onboarding.proposed
    has_one = onboarding.tandem and onboarding.tandem["state"] != Tandem.State.ENDED
    if not card or has_one or not onboarding.is_open_for_mentors:
        return None
    return card | {
        "languages": [LANGUAGES.get(code, code) for code in card["languages"]],
        "times": [SLOTS.get(code, code) for code in card["times"]],
        "region": card["region"] or "",
    }
