"""What the registries know about an activity: kinds of data, offices, periods."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from django.apps import apps

from members.capabilities import kinds_granting
from members.models import Amt
from portal.common import retention
from portal.common.fields import FieldClass, rules
from portal.dashboards.papers.activities import ACTIVITIES, Activity

# Facts about places and organisations are about nobody.
CATEGORIES = {
    FieldClass.NAME: "Name",
    FieldClass.CHANNEL: "E-Mail, Telefon, Sprache",
    FieldClass.PLACE: "Wohnort und Gliederung",
    FieldClass.MEMBERSHIP: "Mitgliedschaft",
    FieldClass.INTEREST: "Interessen und Wünsche",
    FieldClass.TALK: "Gespräche und Antworten",
    FieldClass.NOTE: "Notizen und Texte",
    FieldClass.OFFICE: "Ämter und Vertretungen",
    FieldClass.ACCESS: "Zugangsdaten",
    FieldClass.LINK: "Bezug zu Personen",
    FieldClass.TECHNICAL: "technische Angaben",
}
SPECIAL = {FieldClass.MEMBERSHIP, FieldClass.INTEREST}
_ABOUT_NOBODY = {FieldClass.TECHNICAL, FieldClass.PUBLIC}


def about_people() -> set[str]:
    """Labels of all models with a field that says something about somebody."""
    return {
        label
        for label, rule in rules().items()
        if rule.subject or set(rule.fields.values()) - _ABOUT_NOBODY
    }


def problems(activities: Iterable[Activity] = ACTIVITIES) -> Iterator[str]:
    """Say what keeps the record from being complete: a model in none, in two, or unknown."""
    listed = [(label, activity.code) for activity in activities for label in activity.models]
    where: dict[str, list[str]] = {}
    for label, code in listed:
        where.setdefault(label, []).append(code)
    for label in sorted(about_people() - set(where)):
        yield f"{label} gehört zu keiner Verarbeitung (portal/dashboards/papers/activities.py)."
    for label, codes in sorted(where.items()):
        if label not in about_people():
            yield f"{label} in „{codes[0]}“ gibt es nicht, oder es ist über niemanden."
        if len(codes) > 1:
            yield f"{label} steht mehrfach: {', '.join(codes)}."


def classes(activity: Activity) -> set[FieldClass]:
    return {found for label in activity.models for found in rules()[label].fields.values()}


def categories(activity: Activity, *, plain: bool = False) -> list[str]:
    """Kinds of data, in the order of CATEGORIES; `plain` leaves out what only machines read."""
    found = classes(activity)
    hidden = {FieldClass.LINK, FieldClass.TECHNICAL} if plain else set()
    return [word for kind, word in CATEGORIES.items() if kind in found - hidden]


def is_special(activity: Activity) -> bool:
    """Does it hold what Art. 9 protects?"""
    return bool(classes(activity) & SPECIAL)


def offices(activity: Activity) -> list[str]:
    """The offices that may see it, by the rights they carry, in the order of the choices."""
    granting = {kind for capability in activity.seen_by for kind in kinds_granting(capability)}
    return [kind.label for kind in Amt.Kind if kind.value in granting]


def recipients(activity: Activity) -> list[str]:
    return [*offices(activity), *activity.also_seen_by]


# Tables of packages without a German name.
TITLES = {"mfa.Authenticator": "Zweiter Faktor"}


def title_of(label: str) -> str:
    """The German name of a model, as a title."""
    name = TITLES.get(label, str(apps.get_model(label)._meta.verbose_name))
    return name[0].upper() + name[1:]


# --- How long -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """How long one kind of data stays, in words."""

    title: str
    until: str

    @property
    def sentence(self) -> str:
        return f"{self.title}: {self.until}"


def in_words(period: timedelta | relativedelta) -> str:
    """Say a period the way people do."""
    months = period.years * 12 + period.months if isinstance(period, relativedelta) else 0
    if months:
        return _counted(months // 12, "Jahr", "Jahre") if months >= 24 else _months(months)
    days = period.days
    hours = period.hours if isinstance(period, relativedelta) else period.seconds // 3600
    if days == 1 and not hours:
        return "24 Stunden"
    return _counted(days, "Tag", "Tage") if days else _counted(hours, "Stunde", "Stunden")


def _months(months: int) -> str:
    return _counted(months, "Monat", "Monate")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def until(rule: retention.Rule) -> str:
    """„14 Tage nach dem Versand“; the rule itself says both."""
    if not rule.period:
        return f"sofort nach {rule.since}"
    return f"{in_words(rule.period)} nach {rule.since}"


def rules_of(activity: Activity) -> list[retention.Rule]:
    """The deletion rules of its models, less those that another activity claims."""
    elsewhere = {code for other in ACTIVITIES if other is not activity for code in other.rules}
    return [
        rule
        for rule in retention.rules()
        if rule.code in activity.rules
        or (rule.model in activity.models and rule.code not in elsewhere)
    ]


def unclaimed_rules() -> list[retention.Rule]:
    """Rules about no people: notes of the machine."""
    claimed = {rule.code for activity in ACTIVITIES for rule in rules_of(activity)}
    return [rule for rule in retention.rules() if rule.code not in claimed]


def ruled(activity: Activity) -> list[Period]:
    return [Period(rule.title, until(rule)) for rule in rules_of(activity)]


def companions(activity: Activity) -> list[Period]:
    """What no rule deletes by itself, and what it goes with."""
    return [
        Period(title_of(label), f"zusammen mit „{title_of(above)}“")
        for label in _without_rule(activity)
        if (above := _goes_with(label))
    ]


def staying(activity: Activity) -> list[Period]:
    """What stays, and why."""
    reasons = {kept.model: kept.reason for kept in retention.kept()}
    return [
        Period(title_of(label), reasons.get(label, STAYS))
        for label in _without_rule(activity)
        if not _goes_with(label)
    ]


# Facts about places, runs and lists.
STAYS = "sagt nur, wer es angelegt oder freigegeben hat, und das als Kennung"


def _without_rule(activity: Activity) -> list[str]:
    deleted = {r.model for r in retention.rules() if r.action is retention.Action.DELETE}
    return [label for label in activity.models if label not in deleted]


def _goes_with(label: str) -> str:
    """The model with whose row this one is erased; "" for none."""
    if label in retention.companions():
        return "members.Person"
    for field in apps.get_model(label)._meta.concrete_fields:
        if field.is_relation and field.remote_field.on_delete.__name__ == "CASCADE":
            return str(field.related_model._meta.label)
    return ""
