"""Places to engage: asking, answering in time, keeping the catalogue (people.md R9, R12)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Amt, Contact, Kommune, Meldung, MitmachOrt, Person, Topic, User
from members.queries import meldungen, mitmachen
from members.services import mitmachen as service
from members.services import onboarding
from portal.common import clock
from portal.common.models import AuditEvent
from portal.common.todos import todos_for
from tests.concurrency import at_once
from tests.security.cells_mitmachen import meldung, place
from tests.world import make_newcomer, make_person


def body(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def waits_for(world, role):
    """The places that are on this person's list."""
    todos = [todo for todo in todos_for(world.user(role)) if todo.kind == "meldung"]
    return [todo.title for todo in todos]


def after(days):
    return time_machine.travel(clock.now() + timedelta(days=days), tick=False)


def talked(world, role="newcomer"):
    talk = onboarding.Talk("call", "reached", world.onboarding(role).pk, "")
    onboarding.log_contact(world.onboarding(role), world.person("ansprechperson"), talk)


def test_one_tap_asks_a_second_does_nothing_and_one_takes_it_back(world, client_as):
    ort, client = place(world), client_as("newcomer")
    for _ in range(2):
        client.post(reverse("members:ort_tell", args=[ort.pk]))
    assert Meldung.objects.open().count() == 1
    assert "Member meldet sich bis" in body(client, "members:ort", ort.pk)

    for _ in range(2):
        client.post(reverse("members:ort_withdraw", args=[ort.pk]))
    assert Meldung.objects.open().count() == 0
    codes = list(AuditEvent.objects.filter(code__startswith="meldung").values_list("code"))
    assert codes == [("meldung.created",), ("meldung.withdrawn",)]


def test_two_taps_at_once_ask_once(live_world):
    ort, person = place(live_world), live_world.person("newcomer")
    at_once(*[lambda: service.tell_me(ort, person)] * 6)
    assert Meldung.objects.count() == 1


def test_two_who_answer_at_once_answer_once(live_world):
    asked = meldung(live_world)
    roles = ("member", "ansprechperson", "deputy")
    people = [live_world.person(role) for role in roles]
    at_once(*[lambda by=by: service.mark_answered(asked, by) for by in people])
    asked.refresh_from_db()
    assert asked.answered_by in people
    assert AuditEvent.objects.filter(code="meldung.answered").count() == 1


def test_the_host_answers_first_then_the_next_different_person_at_last_the_office(world):
    meldung(world)
    seen = {}
    for days in (0, 10, 17):
        with after(days):
            roles = ("member", "ansprechperson", "deputy", "vorsitz", "staff")
            seen[days] = [role for role in roles if waits_for(world, role)]
    assert seen == {0: ["member"], 10: ["ansprechperson"], 17: ["staff"]}


@pytest.mark.parametrize("why", ["nobody", "no login", "a minor asks"])
def test_without_a_host_who_may_answer_the_ansprechperson_does(world, why):
    asked = meldung(world)
    if why == "nobody":
        MitmachOrt.objects.update(host=None)
    elif why == "no login":
        User.objects.filter(person=world.person("member")).delete()
    else:
        Person.objects.filter(pk=asked.person_id).update(adult_on=clock.today() + timedelta(days=9))
    assert waits_for(world, "ansprechperson") == ["Jemand fragt nach „Klimatreff“"]
    if why != "no login":
        assert waits_for(world, "member") == []


def test_nobody_has_to_answer_themselves(world):
    ort = place(world, host=None)
    Meldung.objects.create(ort=ort, person=world.person("ansprechperson"), created_at=clock.now())
    assert waits_for(world, "ansprechperson") == []
    assert waits_for(world, "deputy") == ["Jemand fragt nach „Klimatreff“"]


def test_one_item_per_place_however_many_ask(world):
    for role in ("newcomer", "other_newcomer", "foreign_newcomer"):
        meldung(world, role)
    assert waits_for(world, "member") == ["3 Menschen fragen nach „Klimatreff“"]


def test_nobody_is_reminded_of_the_dead_the_departed_and_who_wants_no_contact(world):
    dead, silent = meldung(world), meldung(world, "other_newcomer")
    dead.person.memberships.update(has_ended=True, left_on=clock.today(), left_reason="death")
    Person.objects.filter(pk=silent.person_id).update(
        no_contact_since=clock.today() + timedelta(days=1)
    )
    assert waits_for(world, "member") == []
    assert meldungen.open_for(world.user("ansprechperson")).count() == 0


def test_the_host_sees_first_name_and_chosen_channel_and_nothing_else(world, client_as):
    asked = meldung(world)
    Person.objects.filter(pk=asked.person_id).update(
        phone="+49 5108 111", mobile="+49 151 222", email="kim@example.org"
    )
    seen = {}
    for channel in ("phone", "email", "letter", "messenger"):
        Person.objects.filter(pk=asked.person_id).update(preferred_channel=channel)
        page = body(client_as("member"), "members:meldungen")
        facts = ("Newcomer", "Zznewcomer", "tel:+49151222", "mailto:kim@example.org", "5108")
        seen[channel] = [fact for fact in facts if fact in page]
    assert seen == {
        "phone": ["Newcomer", "tel:+49151222"],
        "email": ["Newcomer", "mailto:kim@example.org"],
        "letter": ["Newcomer"],
        "messenger": ["Newcomer", "tel:+49151222"],
    }


def test_a_host_without_an_office_is_given_nobody_under_age(world, client_as):
    asked = meldung(world)
    grown = clock.today() + timedelta(days=9)
    Person.objects.filter(pk=asked.person_id).update(adult_on=grown)
    url = reverse("members:meldung_answered", args=[asked.pk])
    assert client_as("member").post(url).status_code == 404
    assert client_as("ansprechperson").post(url).status_code == 302


def test_answered_in_one_tap_undone_in_one_and_the_person_sees_both(world, client_as):
    asked, host, newcomer = meldung(world), client_as("member"), client_as("newcomer")
    host.post(reverse("members:meldung_answered", args=[asked.pk]))
    assert waits_for(world, "member") == []
    assert "Beantwortet am" in body(newcomer, "members:mitmachen")

    host.post(reverse("members:meldung_reopen", args=[asked.pk]))
    assert waits_for(world, "member") == ["Jemand fragt nach „Klimatreff“"]
    assert "Member meldet sich bis" in body(newcomer, "members:mitmachen")


def test_asking_again_after_an_answer_is_possible_and_the_old_answer_stays(world, client_as):
    asked = meldung(world)
    service.mark_answered(asked, world.person("member"))
    service.tell_me(asked.ort, asked.person)
    url = reverse("members:meldung_reopen", args=[asked.pk])
    page = client_as("member").post(url, follow=True).content.decode()
    assert "Es gibt schon eine neue Anfrage" in page
    assert Meldung.objects.open().count() == 1


def test_an_answer_can_be_taken_back_for_two_weeks_then_the_person_is_gone(world, client_as):
    asked = meldung(world)
    service.mark_answered(asked, world.person("member"))
    seen = []
    for days in (13, 15):
        with after(days):
            found = meldungen.answered_for(world.user("member"))
            seen.append(found.count())
    assert seen == [1, 0]


def test_a_late_answer_is_told_to_the_person_without_blame(world, client_as):
    meldung(world)
    with after(12):
        page = body(client_as("newcomer"), "members:mitmachen")
    assert "Jetzt kümmert sich jemand anderes darum" in page


def test_before_the_first_talk_a_newcomer_sees_no_surname_and_no_meeting_point(world, client_as):
    ort = place(world)
    seen = {}
    for when in ("before", "after"):
        page = body(client_as("newcomer"), "members:ort", ort.pk)
        seen[when] = [word for word in ("Member", "Zzmember", "Zzmeetingpoint") if word in page]
        talked(world)
    assert seen == {"before": ["Member"], "after": ["Member", "Zzmeetingpoint"]}


def test_who_is_no_member_yet_and_has_not_talked_is_told_no_meeting_point(world):
    stranger = make_person("Zzinterested", world.gliederung("Gehrden"))
    user = User.objects.create_user(stranger.email, None, stranger)
    assert not mitmachen.may_know_the_meeting_point(user)
    assert mitmachen.may_know_the_meeting_point(world.user("member"))
    assert mitmachen.may_know_the_meeting_point(world.user("ansprechperson"))


def titles(world, role="newcomer"):
    return [ort.title for ort in mitmachen.catalogue(world.person(role)).orte]


def test_after_six_months_a_place_is_hidden_and_asked_for_until_one_tap(world, client_as):
    ort = place(world)
    with after(160):
        assert [todo for todo in todos_for(world.user("member")) if todo.kind == "ort"] == []
    with after(175):  # asked before it is gone
        todos = [todo for todo in todos_for(world.user("member")) if todo.kind == "ort"]
        assert [todo.title for todo in todos] == ["Gibt es „Klimatreff“ noch?"]
        assert titles(world) == ["Klimatreff"]
    MitmachOrt.objects.update(confirmed_on=clock.today() - timedelta(days=190))
    assert titles(world) == []
    client_as("member").post(reverse("members:ort_confirm", args=[ort.pk]))
    assert titles(world) == ["Klimatreff"]


def test_what_is_over_is_gone_and_nobody_is_asked_for_it(world, client_as):
    ort = place(world)
    client_as("ansprechperson").post(reverse("members:ort_close", args=[ort.pk]))
    assert titles(world) == []
    with after(200):
        assert [todo for todo in todos_for(world.user("member")) if todo.kind == "ort"] == []


def test_five_facts_make_a_place_and_the_rest_can_follow(world, client_as):
    client = client_as("ansprechperson")
    facts = {
        "title": " Spiele  und Reden ",
        "kind": "treff",
        "sentence": "Wir spielen.",
        "usual_times": "freitags um 19 Uhr",
    }
    client.post(reverse("members:ort_new"), facts)
    ort = MitmachOrt.objects.get()
    assert (ort.title, ort.gliederung.name) == ("Spiele und Reden", "Gehrden")
    more = {
        "topics": [str(Topic.objects.all()[0].pk)],
        "slots": ["mo-abend", "wochenende"],
        "minutes": "45",
        "language": "tr",
        "tags": ["mit-kindern"],
        "host": str(world.person("newcomer").pk),
        "kommune": str(Kommune.objects.get(ags="03241006").pk),
    }
    client.post(reverse("members:ort_edit", args=[ort.pk]), facts | more)
    ort.refresh_from_db()
    assert (ort.slots, ort.minutes, ort.language) == (["mo-abend", "wochenende"], 45, "tr")
    assert (ort.host, ort.topics.count()) == (world.person("newcomer"), 1)


def test_wrong_facts_are_refused_in_words_and_nothing_is_saved(world, client_as):
    ort, client = place(world), client_as("ansprechperson")
    wrong = {"title": "x", "kind": "treff", "sentence": "y", "language": "de"}
    wrong |= {"minutes": "1", "ends_on": "2020-01-01", "host": str(world.person("staff").pk)}
    page = client.post(reverse("members:ort_edit", args=[ort.pk]), wrong).content.decode()
    assert "Bitte eine Zahl zwischen 5 und 600" in page
    assert "Dieser Tag ist schon vorbei" in page
    assert page.count("Klimatreff") == 2  # title and heading still say which place this is
    ort.refresh_from_db()
    assert (ort.title, ort.host) == ("Klimatreff", world.person("member"))


def test_the_host_can_be_chosen_among_people_the_editor_may_see(world, client_as):
    ort = place(world, host=None)
    page = body(client_as("ansprechperson"), "members:ort_edit", ort.pk)
    shown = [role for role in ("newcomer", "member", "foreign_newcomer") if f"Zz{role}" in page]
    assert shown == ["newcomer"]


def test_one_tap_on_a_topic_makes_it_mine_and_another_takes_it_away(world, client_as):
    topic, person = Topic.objects.all()[0], world.person("newcomer")
    client, url = client_as("newcomer"), reverse("members:mitmachen_topic", args=[topic.pk])
    for _ in range(2):
        client.post(url, {"wahl": "dazu"})
    assert list(person.topics.all()) == [topic]
    client.post(url, {"wahl": "weg"})
    assert list(person.topics.all()) == []
    assert AuditEvent.objects.filter(code="person.changed_self").count() == 2


def test_a_topic_that_is_no_longer_offered_can_only_be_left(world, client_as):
    topic = Topic.objects.create(code="fest", name="Fest", is_offered=False)
    url = reverse("members:mitmachen_topic", args=[topic.pk])
    assert client_as("newcomer").post(url).status_code == 404


def test_everything_can_be_said_on_the_phone(world, client_as):
    ort, topic, person = place(world), Topic.objects.all()[0], world.person("newcomer")
    client, url = client_as("ansprechperson"), reverse("members:ort_by_phone", args=[person.pk])
    client.post(url, {"was": "thema", "id": str(topic.pk)})
    client.post(url, {"was": "bescheid", "id": str(ort.pk)})
    assert (list(person.topics.all()), Meldung.objects.open().get().ort) == ([topic], ort)
    client.post(url, {"was": "doch-nicht", "id": str(ort.pk)})
    assert Meldung.objects.open().count() == 0
    answers = person.phone_answers.values_list("code", "entered_by")
    assert list(answers) == [("mitmachen", world.person("ansprechperson").pk)] * 3
    own = client_as("newcomer").get(reverse("members:profile")).content.decode()
    assert "Themen und Orte zum Mitmachen" in own


@pytest.mark.parametrize("said", [{}, {"was": "bescheid", "id": "x"}, {"was": "thema"}])
def test_nonsense_on_the_phone_page_is_not_found(said, world, client_as):
    url = reverse("members:ort_by_phone", args=[world.person("newcomer").pk])
    assert client_as("ansprechperson").post(url, said).status_code == 404


def test_a_portal_without_topics_kommunen_and_places_says_whom_to_call(world, client_as):
    Topic.objects.all().delete()
    MitmachOrt.objects.all().delete()
    page = body(client_as("newcomer"), "members:mitmachen")
    assert "Hier steht noch nichts." in page
    assert "Ansprechperson hilft dir beim Suchen" in page
    Amt.objects.all().delete()
    page = body(client_as("newcomer"), "members:mitmachen")
    assert "Ruf die Geschäftsstelle an" in page


@pytest.mark.parametrize("query", ["?thema=x&wo=y&zeit=1&page=99", "?page=x", "?wo=online"])
def test_an_odd_address_still_shows_the_page(query, world, client_as):
    place(world)
    page = client_as("newcomer").get(reverse("members:mitmachen") + query)
    assert page.status_code == 200


def test_three_suggestions_cost_two_queries(world, django_assert_num_queries):
    for number in range(9):
        place(world, f"Treff {number}")
    person = world.user("newcomer").person
    with django_assert_num_queries(2):
        fits = mitmachen.catalogue(person).fits
    assert [len(fits), {type(fit.reason) for fit in fits}] == [3, {str}]


def test_a_place_of_a_merged_gliederung_goes_with_its_people(world):
    from members.services import tree

    ort = place(world)
    tree.merge(world.gliederung("Gehrden"), world.gliederung("Uetze"), world.person("staff"))
    ort.refresh_from_db()
    assert ort.gliederung.name == "Uetze"


def test_no_talk_and_nothing_else_counts_as_one_with_a_newcomer(world):
    """An attempt opens nothing; a wave to old members closes nothing."""
    user = world.user("newcomer")
    talk = onboarding.Talk("call", "not_reached", world.onboarding("newcomer").pk, "")
    onboarding.log_contact(world.onboarding("newcomer"), world.person("ansprechperson"), talk)
    assert Contact.objects.count() == 1
    assert not mitmachen.may_know_the_meeting_point(user)
    assert make_newcomer("Zzx", world.gliederung("Gehrden")).pk
