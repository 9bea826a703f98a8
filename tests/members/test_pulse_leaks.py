"""Without a yes nobody in the own Ortsverein learns of a „nein“: not by a page, a list, a count."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from members.models import Milestone, Onboarding, Pulse
from members.queries.calls import heute
from members.services import digests
from members.services import onboarding as onboarding_service
from members.services import pulse as service
from portal.common import clock
from portal.common.models import AuditEvent, OutgoingMail
from portal.common.todos import todos_for
from tests.members.digest_help import DAY, mails, open_day, run_on

TEAM = ("ansprechperson", "deputy", "vorsitz", "foreign_ansprechperson", "staff")
# What differs from one rendering to the next anyway.
NOISE = re.compile(r'(csrfmiddlewaretoken|submit_token)" value="[^"]*"|nonce="[^"]*"')


def pages(world, client_as):
    """Everything a team can open about this newcomer, as text."""
    onboarding = world.onboarding("newcomer")
    urls = [
        reverse("dashboards:heute"),
        reverse("dashboards:uebersicht"),
        reverse("members:newcomers"),
        reverse("members:newcomers") + "?liste=offen",
        reverse("members:newcomer", args=[onboarding.pk]),
        reverse("members:log_contact", args=[onboarding.pk]),
        reverse("members:by_phone", args=[onboarding.person_id]),
        reverse("members:person", args=[onboarding.person_id]),
        reverse("members:upcoming", args=[onboarding.person_id]),
        reverse("members:waves"),
    ]
    found = {}
    for role in TEAM:
        client = client_as(role)
        for url in urls:
            found[role, url] = NOISE.sub("", client.get(url).content.decode())
        todos = todos_for(world.user(role))
        found[role, "todos"] = [(todo.key, todo.title, todo.due_on) for todo in todos]
    return found


@pytest.fixture
def pulse(world):
    return Pulse.objects.create(
        onboarding=world.onboarding("newcomer"), number=1, asked_on=clock.today()
    )


@pytest.mark.parametrize("said", ["nein", "eher-nein", "ja"])
def test_every_page_of_the_team_is_the_same_with_and_without_the_answer(
    world, client_as, pulse, said
):
    before = pages(world, client_as)
    service.answer(pulse.pk, said)
    after = pages(world, client_as)
    assert [key for key in before if before[key] != after[key]] == []


def test_a_refused_consent_looks_like_none(world, client_as, pulse):
    before = pages(world, client_as)
    service.answer(pulse.pk, "nein")
    service.tell(pulse.pk, may=False)
    assert pages(world, client_as) == before


def test_with_a_yes_only_the_ansprechperson_learns_it(world, client_as, pulse):
    before = pages(world, client_as)
    service.answer(pulse.pk, "nein")
    service.tell(pulse.pk, may=True)
    changed = {
        role for (role, _), text in pages(world, client_as).items() if text != before[role, _]
    }
    assert changed == {"ansprechperson"}


def test_told_the_newcomer_is_the_first_call_until_a_talk_is_logged(world, pulse):
    user = world.user("ansprechperson")
    onboarding_service.ask_for_call(world.onboarding("other_newcomer"))
    service.answer(pulse.pk, "eher-nein")
    service.tell(pulse.pk, may=True)
    first = heute(user).calls[0]
    assert first.pk == pulse.onboarding_id
    titles = [todo.title for todo in todos_for(user)]
    assert "Newcomer ist noch nicht richtig angekommen – ruf bitte an" in titles
    talk = onboarding_service.Talk("call", "reached", uuid.uuid4())
    onboarding_service.log_contact(first, user.person, talk)
    titles = [todo.title for todo in todos_for(user)]
    assert [title for title in titles if "angekommen" in title] == []


def test_a_no_is_in_one_digest_of_the_ansprechperson_and_in_nobody_elses(world, pulse):
    """Whoever reads only mails would otherwise hear of it with the next promise, months later."""
    later = clock.today() + timedelta(days=90)
    Milestone.objects.filter(position=1).update(state="done", done_on=clock.today())
    Milestone.objects.update(due_on=later)
    service.answer(pulse.pk, "nein")
    service.tell(pulse.pk, may=True)
    day = open_day(clock.today() + DAY)
    run_on(day)
    run_on(open_day(day + DAY))

    (digest,) = mails(world.person("ansprechperson"))
    assert digest.body.count("Newcomer ist noch nicht richtig angekommen – ruf bitte an: ") == 1
    others = OutgoingMail.objects.filter(kind=digests.DIGEST).exclude(pk=digest.pk)
    assert [mail for mail in others if "angekommen" in mail.body] == []


def test_an_arrived_newcomer_can_be_called_again_and_has_arrived_after_the_talk(world, pulse):
    user = world.user("ansprechperson")
    onboarding = pulse.onboarding
    onboarding.milestones.update(state="done", done_on=clock.today())
    onboarding_service.settle(onboarding)
    assert onboarding.state == "finished"
    service.answer(pulse.pk, "nein")
    assert Onboarding.objects.get(pk=onboarding.pk).state == "finished"
    service.tell(pulse.pk, may=True)
    assert [call.pk for call in heute(user).calls][:1] == [onboarding.pk]
    talk = onboarding_service.Talk("call", "reached", uuid.uuid4())
    onboarding_service.log_contact(onboarding, user.person, talk)
    assert Onboarding.objects.get(pk=onboarding.pk).state == "finished"


def test_a_consent_taken_back_takes_the_call_back(world, pulse):
    user = world.user("ansprechperson")
    pulse.onboarding.milestones.update(state="done", done_on=clock.today())
    onboarding_service.settle(pulse.onboarding)
    service.answer(pulse.pk, "nein")
    service.tell(pulse.pk, may=True)
    service.tell(pulse.pk, may=False)
    assert pulse.onboarding_id not in [call.pk for call in heute(user).calls]
    assert Onboarding.objects.get(pk=pulse.onboarding_id).state == "finished"


def test_the_log_knows_nothing_of_answers(world, pulse):
    before = AuditEvent.objects.count()
    service.answer(pulse.pk, "nein")
    service.tell(pulse.pk, may=True)
    assert AuditEvent.objects.count() == before
