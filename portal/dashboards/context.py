"""What every page shows: the district's name, and few doors (people.md R30)."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from members.models import District, User
from members.policies import can_coordinate_mentoring, can_read_audit
from portal.dashboards.demo.roles import ROLES


@dataclass(frozen=True, slots=True)
class Door:
    label: str
    url: str
    icon: str
    is_here: bool


OFFICE = (
    ("Übersicht", "dashboards:uebersicht", "chart-bar-square"),
    ("Neu\u00admitglieder", "members:newcomers", "users"),
    ("Personen", "members:people", "identification"),
    ("Verwaltung", "dashboards:verwaltung", "cog-6-tooth"),
)
ME = ("Ich", "members:profile", "user-circle")
MOST_DOORS = 4
DATA_PROTECTION = ("Daten\u00adschutz", "dashboards:data_protection", "shield-check")
TERMINE = ("Termine", "events:termine", "calendar-days")
MITMACHEN = ("Mit\u00admachen", "members:mitmachen", "puzzle-piece")
# Pages that belong behind a door without being it.
BEHIND = {
    "members:newcomer": "members:newcomers",
    "members:log_contact": "members:newcomers",
    "members:logged": "members:newcomers",
    "members:first_talk": "members:newcomers",
    "members:timeline": "members:people",
    "members:person": "members:people",
    # Rarely needed: behind one door (R30).
    "dashboards:verwaltung_list": "dashboards:verwaltung",
    "dashboards:verwaltung_new": "dashboards:verwaltung",
    "dashboards:verwaltung_edit": "dashboards:verwaltung",
    "dashboards:verwaltung_action": "dashboards:verwaltung",
    "dashboards:audit_log": "dashboards:data_protection",
    "members:mentoring": "dashboards:verwaltung",
    **dict.fromkeys(
        (
            "members:mentoring_weights",
            "members:tandem_board",
            "members:tandem_care",
            "members:mentors",
            "members:mentor_prepare",
        ),
        "members:mentoring",
    ),
    "members:tandem_reports": "dashboards:verwaltung",
    **dict.fromkeys(
        (
            "members:my_tandems",
            "members:mentor_new",
            "members:mentor_profile",
            "members:tandem_feedback",
        ),
        "members:profile",
    ),
    **dict.fromkeys(
        ("members:tandem", "members:tandem_leave", "members:tandem_report"),
        "dashboards:mein_start",
    ),
    "members:import_list": "dashboards:verwaltung",
    "members:import_check": "dashboards:verwaltung",
    "members:import_mapping": "dashboards:verwaltung",
    "members:import_run": "dashboards:verwaltung",
    "members:undecided": "dashboards:verwaltung",
    "members:parteibuecher": "dashboards:verwaltung",
    "members:decide": "dashboards:verwaltung",
    "members:enter": "members:newcomers",
    "members:transfers": "members:newcomers",
    "members:admissions": "members:newcomers",
    "members:admission": "members:newcomers",
    "members:interested_list": "members:newcomers",
    "members:interested": "members:newcomers",
    "members:interest_held": "members:newcomers",
    "members:card": "members:profile",
    "members:start_transfer": "members:newcomers",
    "members:share_out": "members:newcomers",
    "members:shared_out": "members:newcomers",
    "members:exit": "members:people",
    "members:by_phone": "members:newcomers",
    "members:upcoming": "members:people",
    "members:by_phone_shifts": "members:newcomers",
    "members:my_mail": "members:profile",
    "members:my_data": "members:profile",
    "members:looks": "members:profile",
    **dict.fromkeys(
        ("members:my_export", "members:my_request", "members:consents", "members:my_proof"),
        "members:profile",
    ),
    **dict.fromkeys(("members:person_export", "members:proof"), "members:people"),
    "members:rights_by_phone": "members:newcomers",
    "members:about_me": "members:profile",
    "members:about_section": "members:profile",
    "members:my_shifts": "members:profile",
    "members:access": "members:people",
    "members:access_code": "members:people",
    "members:absences": "members:profile",
    "members:digest_day": "members:profile",
    "members:sessions": "members:profile",
    "mfa_index": "members:profile",
    **dict.fromkeys(
        (
            "members:ort",
            "members:orte",
            "members:ort_new",
            "members:ort_edit",
            "members:meldungen",
        ),
        "members:mitmachen",
    ),
    "members:ort_by_phone": "members:newcomers",
    "events:by_phone": "members:newcomers",
    **dict.fromkeys(
        (
            "events:kinds",
            "events:new",
            "events:subscribe",
            "events:event",
            "events:edit",
            "events:cancel",
            "events:prepare",
            "events:report",
            "events:participants",
            "events:invite",
            "events:arrive",
        ),
        "events:termine",
    ),
    **dict.fromkeys(
        (
            "members:post",
            "members:post_item",
            "members:rights",
            "members:rights_request",
            "members:addresses",
            "members:letters",
            "members:letter_batch",
            "members:letter_address",
            "members:texts",
            "members:text",
            "members:text_reset",
            "members:language_new",
            "members:accesses",
            "members:coverage",
            "members:recertify",
            "members:win_back",
            "members:look_stop",
            "members:exports",
            "members:export",
            "members:look_release",
            "members:waves",
            "members:wave_new",
            "members:wave",
            "dashboards:papers",
            "dashboards:paper",
        ),
        "dashboards:verwaltung",
    ),
}


def _doors(user: User) -> list[tuple[str, str, str]]:
    if user.sees_whole_district:
        return [*OFFICE, ME]
    doors = []
    if user.can("onboarding.act"):
        doors.append(("Heute", "dashboards:heute", "sun"))
    if can_coordinate_mentoring(user):
        doors.append(("Mentoring", "members:mentoring", "hand-raised"))
    if can_read_audit(user):
        doors.append(DATA_PROTECTION)
    if not doors:
        doors.append(("Mein Start", "dashboards:mein_start", "home"))
    # Four at most (R30); the list of newcomers is behind *Heute*, mentors' page behind *Ich*.
    return [*doors, *(TERMINE, MITMACHEN)[: MOST_DOORS - 1 - len(doors)], ME]


def house(request: HttpRequest) -> dict[str, Any]:
    """District, navigation and mode for templates; works before the district is set up."""
    user = getattr(request, "user", None)
    here = request.resolver_match.view_name if request.resolver_match else ""
    doors: list[Door] = []
    district = None
    if isinstance(user, User):
        district = user.district
        entries = _doors(user)
        urls = {url for _, url, _ in entries}
        here = here if here in urls else BEHIND.get(here, here)
        if here == "members:mentoring" and here not in urls:
            here = "dashboards:verwaltung"
        if here == "members:newcomers" and here not in urls:
            here = "dashboards:heute"
        if here in {"members:mitmachen", "events:termine"} and here not in urls:
            here = "dashboards:verwaltung"
        doors = [Door(label, reverse(url), icon, url == here) for label, url, icon in entries]
    return {
        "district": district or District.objects.select_related("gliederung__level").first(),
        "doors": doors,
        "is_demo": settings.DEMO,
        "demo_roles": ROLES if settings.DEMO else (),
    }
