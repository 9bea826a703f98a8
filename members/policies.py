"""May this user do this? Pure questions about capabilities; visibility is asked before."""

from members.capabilities import kinds_granting
from members.models import Amt, District, MitmachOrt, Onboarding, Person, Transfer, User


def can_log_contact(user: User, onboarding: Onboarding) -> bool:
    """Log a talk or hand something over: whoever takes care of newcomers there."""
    gliederung = onboarding.person.gliederung
    if gliederung is None:
        return user.sees_whole_district
    return user.can("onboarding.act", gliederung)


def can_be_absent(user: User) -> bool:
    """Say that one is away: whoever looks after newcomers somewhere."""
    return user.can("onboarding.act")


def looks_after(person: Person, onboarding: Onboarding) -> bool:
    """May somebody act for this newcomer without a login, through a link we sent them?

    The same office as for `can_log_contact`; the link itself stands for the second factor.
    """
    gliederung = onboarding.person.gliederung
    kinds = kinds_granting("onboarding.act" if gliederung else "people.view")
    paths = (gliederung or District.current().gliederung).ancestor_paths
    held = Amt.objects.active().filter(person=person, kind__in=kinds)
    return held.filter(gliederung__path__in=paths).exists()


def can_import(user: User) -> bool:
    return user.can("import.run", user.district.gliederung)


def can_export(user: User) -> bool:
    """Take people out of the portal as a file; which file, says its own capability."""
    return user.can("export.run", user.district.gliederung)


def can_coordinate_mentoring(user: User) -> bool:
    return user.can("mentoring.coordinate", user.district.gliederung)


def can_read_reports(user: User) -> bool:
    """Open the list of reports out of tandems; which of them, says `told_to` (T24)."""
    return user.sees_whole_district


def can_see_people(user: User) -> bool:
    """Open the list of people and one person's page; which people, says `visible_to`."""
    return user.can("people.view")


def can_manage_organisation(user: User) -> bool:
    return user.can("org.manage", user.district.gliederung)


def can_read_audit(user: User) -> bool:
    """Read who did what in the whole district, without values."""
    return user.can("audit.read") and user.can("audit.read", user.district.gliederung)


def can_read_papers(user: User) -> bool:
    """Read the privacy papers: the office and whoever watches over data protection."""
    return user.can("papers.read") and user.can("papers.read", user.district.gliederung)


def can_manage_mail(user: User) -> bool:
    return user.can("mail.manage", user.district.gliederung)


def can_manage_access(user: User) -> bool:
    """Invite people, and let somebody back in who lost the second factor (R27)."""
    return user.can("access.manage", user.district.gliederung)


def can_edit_people(user: User) -> bool:
    """Enter and correct people, and do for an Ortsverein what nobody there does."""
    return user.can("people.edit", user.district.gliederung)


def can_approve_retention(user: User) -> bool:
    """See what the deletion rules do, and be one of the two who say yes to a new one."""
    return user.can("retention.approve", user.district.gliederung)


def can_hold(user: User) -> bool:
    """Keep somebody's data from being deleted: whoever still sees them then."""
    return user.can("people.edit", user.district.gliederung) and user.sees_whole_district


def can_see_transfers(user: User) -> bool:
    return user.can("onboarding.act")


def can_start_transfer(user: User, person: Person) -> bool:
    """The office, or whoever takes care of newcomers where this person is now."""
    if can_edit_people(user):
        return True
    return person.gliederung is not None and user.can("onboarding.act", person.gliederung)


def _sides(user: User, transfer: Transfer) -> tuple[bool, bool]:
    """Does this user speak for the giving, and for the receiving side?"""
    gives = user.can("onboarding.act", transfer.from_gliederung)
    takes = user.can("onboarding.act", transfer.to_gliederung)
    return gives, takes


def may_ever(user: User, transfer: Transfer, step: str) -> bool:
    """May this user make this step at all? Whether it is its turn, the service says."""
    gives, takes = _sides(user, transfer)
    began = transfer.started_by_id == user.person_id
    return {
        "abgeben": gives,
        "aufnehmen": takes,
        "vollziehen": can_edit_people(user),
        "rueckgaengig": can_edit_people(user),
        "ablehnen": gives or takes,
        "zurueckziehen": began or can_edit_people(user),
    }[step]


TURNS = {
    Transfer.State.OPEN: ("abgeben", "ablehnen", "zurueckziehen"),
    Transfer.State.GIVEN: ("aufnehmen", "ablehnen", "zurueckziehen"),
    Transfer.State.TAKEN: ("vollziehen", "zurueckziehen"),
}


def transfer_steps(user: User, transfer: Transfer) -> list[str]:
    """The steps this user can make now, the way forward first."""
    turns = TURNS.get(Transfer.State(transfer.state), ())
    return [step for step in turns if may_ever(user, transfer, step)]


def can_answer_for(user: User, person: Person) -> bool:
    """Enter what somebody said on the phone: whoever takes care of them, never for oneself."""
    if person.pk == user.person_id:
        return False
    if person.gliederung is None:
        return can_edit_people(user)
    return user.can("onboarding.act", person.gliederung)


def can_see_rights(user: User) -> bool:
    """Read the list of requests about people's own data: the office, and Datenschutz."""
    return user.can("rights.view", user.district.gliederung)


def can_answer_rights(user: User) -> bool:
    """Answer them, show a proof, make somebody's file."""
    return user.can("rights.answer", user.district.gliederung)


def can_keep_places(user: User) -> bool:
    """Keep the catalogue of some Gliederung (R9)."""
    return user.can("onboarding.act")


def can_keep_place(user: User, ort: MitmachOrt) -> bool:
    return user.can("onboarding.act", ort.gliederung)


def can_confirm_place(user: User, ort: MitmachOrt) -> bool:
    """Say that it still exists: whoever keeps it, and whoever welcomes people there."""
    return ort.host_id == user.person_id or can_keep_place(user, ort)


def can_answer_meldungen(user: User) -> bool:
    """Somebody who keeps places, or welcomes people somewhere."""
    return can_keep_places(user) or MitmachOrt.objects.filter(host=user.person_id).exists()


def can_welcome(user: User) -> bool:
    """Open the pages about applicants and interested people; which of them, says `visible_to`."""
    return user.can("onboarding.act")


def can_decide_admission(user: User, person: Person) -> bool:
    """The Vorsitz of the Ortsverein, or the office; never about oneself (B6)."""
    if person.pk == user.person_id:
        return False
    return user.can("admission.decide", person.gliederung or user.district.gliederung)
