"""The Parteibuch: ordered, in the Ortsverein, handed over; only the last keeps the promise (B4)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Onboarding, Parteibuch
from members.queries import parteibuecher
from members.services import onboarding as service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import AuditEvent
from portal.common.scope import scope
from tests.concurrency import at_once
from tests.world import make_newcomer


@pytest.fixture
def arrival(world):
    return make_newcomer("Neu", world.gliederung("Gehrden"), days=20)


@pytest.fixture
def book(arrival):
    return arrival.milestones.get(code="parteibuch")


@pytest.fixture
def by(world):
    return world.person("ansprechperson")


def picture(milestone):
    milestone.refresh_from_db()
    row = Parteibuch.objects.filter(milestone=milestone).values(
        "ordered_on", "received_on", "received_by", "given_by", "occasion"
    )
    return milestone.state, milestone.done_on, row.first()


def test_only_handing_over_keeps_the_promise(book, by):
    service.order([book.pk], by)
    service.receive(book, by)
    book.refresh_from_db()
    assert (book.state, book.parteibuch.received_by) == ("open", by)

    service.hand_over(book, by, "Sommerfest")

    book.refresh_from_db()
    assert (book.state, book.done_on) == ("done", clock.today())
    assert (book.parteibuch.given_by, book.parteibuch.occasion) == (by, "Sommerfest")


def test_each_step_is_taken_back_one_by_one(book, by):
    pictures = [picture(book)[:2]]
    service.order([book.pk], by)
    pictures.append(picture(book))
    service.receive(book, by)
    pictures.append(picture(book))
    service.hand_over(book, by, "Sommerfest")

    assert service.take_step_back(book, by) == "Parteibuch ist noch nicht übergeben."
    assert picture(book) == pictures[2]
    assert service.take_step_back(book, by) == "Parteibuch ist noch nicht im Ortsverein."
    assert picture(book) == pictures[1]
    assert service.take_step_back(book, by) == "Parteibuch ist noch nicht bestellt."
    assert picture(book)[:2] == pictures[0]
    with pytest.raises(DomainError, match="nichts zurückzunehmen"):
        service.take_step_back(book, by)


def test_a_handover_taken_back_makes_a_finished_onboarding_run_again(arrival, book, by):
    arrival.milestones.exclude(pk=book.pk).update(state="void")
    service.hand_over(book, by)
    arrival.refresh_from_db()
    assert arrival.state == Onboarding.State.FINISHED
    service.take_step_back(book, by)
    arrival.refresh_from_db()
    assert (arrival.state, arrival.next_due_on) == (Onboarding.State.RUNNING, book.due_on)


def test_after_an_exit_the_handover_stays(arrival, book, by):
    service.hand_over(book, by)
    service.close([arrival.person])
    with pytest.raises(DomainError, match="beendet"):
        service.take_step_back(book, by)


def test_it_stays_when_something_new_has_begun(arrival, book, by):
    arrival.milestones.exclude(pk=book.pk).update(state="void")
    service.hand_over(book, by)
    service.start_many([service.Arrival(arrival.person, clock.today())], "wieder-anschluss")
    with pytest.raises(DomainError, match="läuft schon etwas Neues"):
        service.take_step_back(book, by)


def test_what_is_handed_over_cannot_come_in_any_more(book, by):
    service.hand_over(book, by)
    with pytest.raises(DomainError, match="schon übergeben"):
        service.receive(book, by)


def test_what_is_not_needed_any_more_is_refused(book, by):
    book.state = "void"
    book.save()
    for step in (service.receive, service.hand_over, service.take_step_back):
        with pytest.raises(DomainError, match="nicht mehr nötig"):
            step(book, by)
    assert service.order([book.pk], by) == 0


def test_a_talk_has_no_parteibuch(arrival, by):
    talk = arrival.milestones.first()
    assert service.order([talk.pk], by) == 0
    with pytest.raises(DomainError, match="wie es war"):
        service.receive(talk, by)


def test_coming_in_twice_keeps_the_first_day_and_person(world, book, by):
    service.receive(book, by)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        service.receive(book, world.person("deputy"))
    row = Parteibuch.objects.get(milestone=book)
    assert (row.received_on, row.received_by) == (clock.today(), by)


def test_many_are_ordered_at_once_and_none_twice(world, by):
    arrivals = [make_newcomer(f"Neu{n}", world.gliederung("Gehrden")) for n in range(3)]
    books = [a.milestones.get(code="parteibuch").pk for a in arrivals]
    service.receive(arrivals[2].milestones.get(code="parteibuch"), by)

    assert service.order(books, by) == 2
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert service.order(books, by) == 0
    assert AuditEvent.objects.filter(code="parteibuch.ordered").count() == 2
    ordered = Parteibuch.objects.filter(milestone__in=books).values_list("ordered_on", flat=True)
    assert sorted(map(str, ordered)) == sorted([str(clock.today())] * 2 + ["None"])


def test_two_people_order_the_same_at_once_and_one_order_is_counted(live_world):
    arrival = make_newcomer("Neu", live_world.gliederung("Gehrden"))
    book = arrival.milestones.get(code="parteibuch")
    by = live_world.person("staff")
    counts = []

    def order():
        counts.append(service.order([book.pk], by))

    at_once(order, order)
    with scope("system:test"):
        assert sorted(counts) == [0, 1]
        assert Parteibuch.objects.filter(milestone=book).count() == 1


# --- Pages ------------------------------------------------------------------------------------


def listed(world, code):
    found = parteibuecher.waiting(world.user("staff"), code)
    return [
        m.onboarding.person.family_name for m in found if m.onboarding.person.family_name[0] == "N"
    ]


def test_the_lists_follow_the_book(world, arrival, book, by):
    codes = list(parteibuecher.LISTS)
    assert [listed(world, code) for code in codes] == [["Neu"], [], [], []]
    service.order([book.pk], by)
    assert [listed(world, code) for code in codes] == [[], ["Neu"], [], []]
    service.receive(book, by)
    assert [listed(world, code) for code in codes] == [[], [], ["Neu"], []]
    with time_machine.travel(clock.now() + timedelta(days=30)):
        assert listed(world, "lange-vor-ort") == []
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert listed(world, "lange-vor-ort") == ["Neu"]
    service.hand_over(book, by)
    assert [listed(world, code) for code in codes] == [[], [], [], []]


def test_staff_order_what_is_ticked(world, client_as, book):
    client = client_as("staff")
    url = reverse("members:parteibuecher")
    page = client.get(url).content.decode()
    assert page.count(f'value="{book.pk}"') == 1

    answer = client.post(url, {"milestones": [str(book.pk)]}, follow=True).content.decode()

    assert answer.count("1 Parteibuch ist als bestellt eingetragen.") == 1
    assert Parteibuch.objects.get(milestone=book).ordered_on == clock.today()
    again = client.post(url, {"milestones": [str(book.pk)]}, follow=True).content.decode()
    assert again.count("Die Liste hat sich gerade geändert") == 1
    nothing = client.post(url, {}, follow=True).content.decode()
    assert nothing.count("Bitte kreuze an, was bestellt ist.") == 1


@pytest.mark.parametrize("value", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_nonsense_is_answered_in_words(client_as, value):
    url = reverse("members:parteibuecher")
    answer = client_as("staff").post(url, {"milestones": [value]}, follow=True)
    assert answer.content.decode().count("Die Liste hat sich gerade geändert") == 1


def test_the_call_sheet_offers_the_next_step_and_the_way_back(client_as, arrival, book):
    client = client_as("ansprechperson")
    sheet = reverse("members:newcomer", args=[arrival.pk])

    def tap(step):
        url = reverse("members:parteibuch_step", args=[arrival.pk, book.pk, step])
        return client.post(url, follow=True).content.decode()

    page = client.get(sheet).content.decode()
    assert (page.count("Ist bestellt"), page.count("Liegt bei mir")) == (1, 1)
    page = tap("bestellt")
    assert (page.count("Ist bestellt"), page.count("Doch nicht bestellt")) == (0, 1)
    page = tap("eingegangen")
    assert (page.count("Liegt bei mir"), page.count("Doch nicht vor Ort")) == (0, 1)
    url = reverse("members:hand_over", args=[arrival.pk, book.pk])
    too_long = client.post(url, {"occasion": "x" * 81}, follow=True).content.decode()
    assert too_long.count("höchstens 80 Zeichen") == 1
    page = client.post(url, {"occasion": "Sommerfest"}, follow=True).content.decode()
    assert (page.count("Sommerfest"), page.count("Doch nicht übergeben")) == (1, 1)
    page = tap("zurueck")
    assert page.count("Doch nicht vor Ort") == 1


def test_the_newcomer_reads_where_it_is(world, client_as, by):
    client = client_as("newcomer")
    url = reverse("dashboards:mein_start")
    book = world.onboarding("newcomer").milestones.get(code="parteibuch")
    service.order([book.pk], by)
    assert client.get(url).content.decode().count("auf dem Weg zu uns") == 1
    service.receive(book, by)
    assert client.get(url).content.decode().count("Es liegt schon bei uns vor Ort") == 1
