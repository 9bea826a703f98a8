"""May this user do this? Pure questions about capabilities; visibility is asked before."""

from members.models import Onboarding, Person, User


def can_log_contact(user: User, onboarding: Onboarding) -> bool:
    """Log a talk or hand something over: whoever takes care of newcomers there."""
    gliederung = onboarding.person.gliederung
    if gliederung is None:
        return user.sees_whole_district
    return user.can("onboarding.act", gliederung)


def can_import(user: User) -> bool:
    return user.can("import.run", user.district.gliederung)


def can_decide_gliederung(user: User) -> bool:
    return user.can("people.edit", user.district.gliederung)


def can_coordinate_mentoring(user: User) -> bool:
    return user.can("mentoring.coordinate", user.district.gliederung)


def can_see_people(user: User) -> bool:
    """Open the list of people and one person's page; which people, says `visible_to`."""
    return user.can("people.view")


def can_manage_organisation(user: User) -> bool:
    return user.can("org.manage", user.district.gliederung)


def can_manage_mail(user: User) -> bool:
    return user.can("mail.manage", user.district.gliederung)


def can_manage_access(user: User) -> bool:
    """Invite people, and let somebody back in who lost the second factor (R27)."""
    return user.can("access.manage", user.district.gliederung)


def can_answer_for(user: User, person: Person) -> bool:
    """Enter what somebody said on the phone: whoever takes care of them, never for oneself."""
    if person.pk == user.person_id:
        return False
    if person.gliederung is None:
        return can_decide_gliederung(user)
    return user.can("onboarding.act", person.gliederung)
