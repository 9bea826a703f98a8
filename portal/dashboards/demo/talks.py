"""What first talks found out, a call agreed for today, and well-known people who were there."""

from typing import Any

from members.models import Contact, Onboarding, Person, Topic
from members.services import first_talk
from members.services import onboarding as service
from portal.common import clock
from portal.dashboards.demo import file

# What people tick; as many as there are, they repeat.
TOLD: tuple[tuple[list[str], list[str], list[str], str, str], ...] = (
    (["ort", "leute"], ["treffen", "aufgabe"], ["organisieren", "kochen"], "two", "active"),
    (["werte"], ["infos"], [], "once", "watching"),
    (["thema", "wahl"], ["lernen", "mitreden"], ["schreiben", "technik"], "weekly", "active"),
    (["familie"], ["infos", "treffen"], ["handwerk"], "two", "watching"),
)
GUESTS = ("Sabine Bode, Ortsbürgermeisterin", "Jörg Wessel, Fraktion im Rat")


def build() -> None:
    """Call once after the talks of the demo were logged."""
    spoken = Contact.objects.filter(result=Contact.Result.REACHED).order_by(
        "made_on", "onboarding__person__sort_name"
    )
    newest = {talk.onboarding_id: talk for talk in spoken.select_related("onboarding")}
    for nth, talk in enumerate(newest.values()):
        if nth % 3 == 0 and talk.made_by:
            _tick(talk.onboarding, nth, talk.made_by)
    second = spoken.filter(closed__position=3)
    for nth, talk in enumerate(second[:12]):
        talk.partner = GUESTS[nth % len(GUESTS)]
        talk.save(update_fields=["partner"])
    _agree_on_today()


def _tick(onboarding: Onboarding, nth: int, by: Person) -> None:
    motives, expectations, skills, time_budget, wish = TOLD[nth % len(TOLD)]
    told: dict[str, Any] = {"motives": motives, "expectations": expectations, "skills": skills}
    told |= {"time_budget": time_budget, "wish": wish}
    if not onboarding.person.topics.exists():
        told["topics"] = list(Topic.objects.filter(is_offered=True)[nth % 5 : nth % 5 + 2])
    first_talk.save(onboarding, told, by)


def _agree_on_today() -> None:
    """One of those whom Petra calls this week said: „heute passt es mir“."""
    waiting = Onboarding.objects.running().filter(
        person__gliederung__name=file.SHOWCASE, responsible__isnull=False, contacts=None
    )
    onboarding = (
        waiting.select_related("responsible").order_by("-started_on", "person__sort_name").first()
    )
    if onboarding and onboarding.responsible:
        service.put_off(onboarding, clock.today(), onboarding.responsible)
