"""May this user do this? Pure questions about capabilities; visibility is asked before."""

from members.models import Onboarding, User


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
