from datetime import timedelta

import time_machine

from members.models import Onboarding, Person
from members.queries.newcomers import newcomers
from portal.common import clock
from portal.dashboards import services
from portal.dashboards.models import Figure
from tests.world import make_newcomer


def values(day):
    return {
        (figure.gliederung.name, figure.code): figure.value
        for figure in Figure.objects.filter(day=day).select_related("gliederung")
    }


def test_figures_count_per_gliederung_and_name_nobody(world):
    Onboarding.objects.all().delete()
    make_newcomer("Eins", world.gliederung("Gehrden"))
    make_newcomer("Zwei", world.gliederung("Springe"))
    services.write_figures()
    assert values(clock.today()) == {
        ("Gehrden", "newcomers"): 1,
        ("Gehrden", "reached"): 0,
        ("Gehrden", "overdue"): 0,
        ("Gehrden", "stands_in"): 0,
        ("Gehrden", "unreached"): 0,
        ("Gehrden", "late_data"): 0,
        ("Springe", "newcomers"): 1,
        ("Springe", "reached"): 0,
        ("Springe", "overdue"): 0,
        ("Springe", "stands_in"): 1,
        ("Springe", "unreached"): 0,
        ("Springe", "late_data"): 0,
    }


def test_who_was_not_reached_and_whose_data_came_late_is_counted_apart(world):
    Onboarding.objects.all().delete()
    late = make_newcomer("Spaet", world.gliederung("Gehrden"))
    late.milestones.update(is_late_data=True)
    gone_quiet = make_newcomer("Still", world.gliederung("Gehrden"))
    gone_quiet.milestones.update(state="unreached")
    Onboarding.objects.filter(pk=gone_quiet.pk).update(state="finished", next_due_on=None)
    services.write_figures()
    found = values(clock.today())
    codes = ("newcomers", "overdue", "unreached", "late_data")
    assert [found["Gehrden", code] for code in codes] == [1, 0, 1, 1]
    assert list(newcomers(world.user("staff"), "nicht-erreicht")) == [gone_quiet]


def test_a_second_run_on_the_same_day_replaces_the_first(world):
    Onboarding.objects.all().delete()
    make_newcomer("Eins", world.gliederung("Gehrden"))
    services.write_figures()
    make_newcomer("Zwei", world.gliederung("Gehrden"))
    services.write_figures()
    assert values(clock.today())["Gehrden", "newcomers"] == 2


def test_a_move_on_the_same_day_leaves_no_figure_behind(world):
    Onboarding.objects.all().delete()
    onboarding = make_newcomer("Eins", world.gliederung("Gehrden"))
    services.write_figures()
    Person.objects.filter(pk=onboarding.person_id).update(gliederung=world.gliederung("Springe"))
    services.write_figures()
    assert {name for name, _ in values(clock.today())} == {"Springe"}


def test_another_day_is_another_row_and_survives_the_people(world):
    Onboarding.objects.all().delete()
    onboarding = make_newcomer("Eins", world.gliederung("Gehrden"))
    services.write_figures()
    first = clock.today()
    with time_machine.travel(clock.now() + timedelta(days=40)):
        services.write_figures()
        assert values(clock.today())["Gehrden", "overdue"] == 1
    onboarding.person.delete()
    assert values(first)["Gehrden", "newcomers"] == 1
