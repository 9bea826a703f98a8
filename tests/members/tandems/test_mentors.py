"""Who is proposed and who is not, and how one becomes and rests as a mentor (E1, E2)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from members.models import (
    MatchProposal,
    Mentor,
    Onboarding,
    PairRule,
    Person,
    Tandem,
    Topic,
)
from members.services import mentoring, mentors, tandem_mail, tandems
from portal.common.errors import DomainError
from portal.common.models import AuditEvent
from portal.common.outbox.services import drain
from portal.common.todos import todos_for
from tests.members.tandem_people import MONDAY, mails, propose, tandem
from tests.world import canary, make_mentor

State, Outcome = Tandem.State, Tandem.Outcome
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("newcomer", "mentor", "together"),
    [
        ({"phone": "0511 1"}, {"phone": "0511 1"}, True),
        ({"street": "Am Weg 1", "plz": "30989"}, {"street": "am weg 1", "plz": "30989"}, True),
        ({"street": "Am Weg 1", "plz": "30989"}, {"street": "Am Weg 1", "plz": "30159"}, False),
        ({"phone": ""}, {"phone": ""}, False),
    ],
)
def test_one_household_is_never_a_tandem(world, newcomer, mentor, together):
    Onboarding.objects.exclude(person=world.person("newcomer")).delete()
    Person.objects.filter(pk=world.person("newcomer").pk).update(**newcomer)
    Person.objects.filter(pk=world.person("mentor").pk).update(**mentor)
    run = mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    assert run.matched == (0 if together else 1)


def test_a_wished_mentor_is_proposed_and_nobody_learns_why(world):
    gehrden = world.gliederung("Gehrden")
    Onboarding.objects.exclude(person=world.person("newcomer")).delete()
    wished = make_mentor("Wunsch", world.gliederung("Uetze"))
    Person.objects.filter(pk=wished.person_id).update(given_name="Lea")
    make_mentor("Nah", gehrden)
    Onboarding.objects.update(wished_mentor="  lea  WUNSCH ")
    run = mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    proposal = run.proposals.get()
    assert proposal.mentor == wished
    assert proposal.parts["wish"] == 100
    assert "unsch" not in proposal.explanation


def test_a_held_pair_stays_and_a_forbidden_one_never_comes_again(world):
    gehrden = world.gliederung("Gehrden")
    Onboarding.objects.exclude(person=world.person("newcomer")).delete()
    far = make_mentor("Fern", world.gliederung("Uetze"))
    onboarding, coordinator = world.onboarding("newcomer"), world.person("coordinator")

    def proposed():
        mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
        return MatchProposal.objects.get(onboarding=onboarding)

    near = proposed()
    assert near.mentor.person.gliederung == gehrden
    mentors.rule(near, PairRule.Kind.FORBIDDEN, coordinator)
    second = proposed()
    assert second.mentor == far
    mentors.rule(second, PairRule.Kind.FIXED, coordinator)
    PairRule.objects.filter(kind=PairRule.Kind.FORBIDDEN).delete()
    make_mentor("Naeher", gehrden)
    third = proposed()
    assert third.mentor == far
    mentors.rule(third, mentors.FREE, coordinator)
    assert not PairRule.objects.exists()
    assert AuditEvent.objects.filter(code="matching.pair_rule").count() == 3


def test_what_people_decided_while_a_preview_was_looked_at_counts_more(world):
    preview = mentoring.run_matching(mentoring.request_run(None, preview=True).pk)
    proposal = preview.proposals.filter(mentor__isnull=False).first()
    name = proposal.onboarding.person.family_name
    role = next(
        one for one in ("newcomer", "other_newcomer", "foreign_newcomer") if canary(one) == name
    )
    tandem(world, newcomer=role)
    mentoring.make_current(preview, world.person("coordinator"))
    assert not MatchProposal.objects.filter(onboarding=proposal.onboarding).exists()
    left = MatchProposal.objects.filter(run=preview, mentor__isnull=False).count()
    assert left <= proposal.mentor.capacity - 1


def test_a_proposal_is_told_once_and_without_a_name(world, sink):
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    told = mails(tandem_mail.PROPOSAL)
    proposals = MatchProposal.objects.filter(mentor__isnull=False)
    assert len(told) == proposals.count() > 0
    drain()
    text = "".join(path.read_text() for path in sink.glob("*.eml"))
    assert "Mentor" not in text.replace("mentor", "").split("Subject:")[1].split("\n")[0]
    assert canary("mentor") not in text


def apply_as(client, topic):
    said = {"topics": [topic.pk], "languages": ["de"], "capacity": "2", "promise": "on"}
    return client.post(reverse("members:mentor_new"), said)


def test_who_would_like_to_is_proposed_only_after_the_talk(world, client_as):
    topic = Topic.objects.first()
    Mentor.objects.all().delete()
    assert apply_as(client_as("member"), topic).url == reverse("members:my_tandems")
    mentor = Mentor.objects.get()
    assert (mentor.prepared_on, mentor.pledged_on) == (None, MONDAY)
    assert "mentor-applied" in {todo.key for todo in todos_for(world.user("coordinator"))}
    run = mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    assert run.mentors == 0
    url = reverse("members:mentor_prepare", args=[mentor.pk])
    client_as("coordinator").post(url, {"prepared_on": MONDAY.isoformat()})
    run = mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    assert run.mentors == 1
    apply_as(client_as("member"), topic)
    assert Mentor.objects.count() == 1


def test_nobody_prepares_themselves(world):
    coordinator = world.person("coordinator")
    mentor = Mentor.objects.create(person=coordinator, active_from=MONDAY)
    with pytest.raises(DomainError, match="jemand anderes"):
        mentors.prepare(mentor, coordinator, on=MONDAY, minors=True, until=None)


def test_a_mentor_cannot_give_themselves_the_protection_concept(world, client_as):
    said = {
        "topics": [Topic.objects.first().pk],
        "languages": ["de"],
        "capacity": "3",
        "accepts_minors": "on",
    }
    client_as("mentor").post(reverse("members:mentor_profile"), said)
    mentor = Mentor.objects.get(person=world.person("mentor"))
    assert (mentor.capacity, mentor.accepts_minors) == (3, False)


def test_a_pause_takes_open_proposals_back_and_leaves_tandems_alone(world, pair, client_as):
    running = tandem(world, newcomer="other_newcomer")
    client = client_as("mentor")
    client.post(reverse("members:mentor_pause"), {"pause": "ja"})
    assert not MatchProposal.objects.exists()
    running.refresh_from_db()
    assert running.state == State.ACTIVE
    client.post(reverse("members:mentor_pause"), {"pause": "nein"})
    assert Mentor.objects.get(pk=pair[1].pk).paused_on is None


def test_stopping_waits_for_the_tandems(world, client_as):
    running = tandem(world)
    client = client_as("mentor")
    client.post(reverse("members:mentor_stop"))
    assert Mentor.objects.get(person=running.mentor).active_to is None
    tandems.leave(running.pk, running.mentor, running.mentor)
    client.post(reverse("members:mentor_stop"))
    assert Mentor.objects.get(person=running.mentor).active_to == MONDAY


def test_the_office_invites_once_a_month(world, client_as):
    person = world.person("member")
    url = reverse("members:mentor_invite", args=[person.pk])
    client = client_as("staff")
    for _ in range(2):
        assert client.post(url).status_code == 302
    assert [mail.recipient_key for mail in mails(tandem_mail.INVITED)] == [person.pk]
    with pytest.raises(DomainError, match="schon dabei"):
        mentors.invite(world.person("mentor"), world.person("staff"))
    Person.objects.filter(pk=person.pk).update(email="", street="")
    with pytest.raises(DomainError, match="Weder E-Mail"):
        mentors.invite(world.person("member"), world.person("staff"))


def test_nobody_under_age_becomes_a_mentor(world, client_as):
    Person.objects.filter(pk=world.person("member").pk).update(adult_on=MONDAY + 90 * DAY)
    page = apply_as(client_as("member"), Topic.objects.first())
    assert "Wer unter 18 ist" in page.content.decode()
    young = Mentor.objects.create(person=world.person("member"), active_from=MONDAY)
    with pytest.raises(DomainError, match="unter 18"):
        mentors.prepare(young, world.person("coordinator"), on=MONDAY, minors=False, until=None)
    Mentor.objects.filter(pk=young.pk).update(prepared_on=MONDAY)
    assert young not in Mentor.objects.available(MONDAY)


def test_a_forbidden_pair_is_found_again_and_freed(world, client_as):
    proposal = propose(world)
    client = client_as("coordinator")
    client.post(reverse("members:pair_rule", args=[proposal.pk]), {"kind": "forbidden"})
    rule = PairRule.objects.get()
    url = reverse("members:pair_rule_lift", args=[rule.pk])
    assert url in client.get("/mentoring/").content.decode()
    client.post(url)
    assert not PairRule.objects.exists()


def test_whoever_wants_no_contact_is_proposed_nobody(world):
    Onboarding.objects.exclude(person=world.person("newcomer")).delete()
    Person.objects.filter(pk=world.person("newcomer").pk).update(no_contact_since=MONDAY)
    run = mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    assert run.newcomers == 0


def test_who_has_finished_well_makes_room_and_who_has_not_is_proposed_again(world):
    newcomer = world.person("newcomer")
    Onboarding.objects.exclude(person=newcomer).delete()
    Onboarding.objects.update(state=Onboarding.State.FINISHED)
    make_mentor("Andere", world.gliederung("Gehrden"))
    ended = tandem(world, "ended", outcome="broken")

    def run():
        return mentoring.run_matching(mentoring.request_run(None, preview=False).pk).newcomers

    assert run() == 1
    assert run() == 1
    Tandem.objects.filter(pk=ended.pk).update(outcome="completed")
    assert run() == 0
    Onboarding.objects.update(state=Onboarding.State.RUNNING)
    assert run() == 0
