"""The list of letters: only what is needed and can arrive, and nobody vanishes without a reason."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from members.models import Onboarding
from members.queries import letters as query
from members.queries.newcomers import newcomers
from members.services import letters, onboarding
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox import desk
from tests.members.test_letters import letter_to, reload

STREET = {"street": "Langer Weg 3"}


@pytest.fixture
def staff(client_as):
    return client_as("staff")


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def finish(row):
    """Everything promised to them is done."""
    found = Onboarding.objects.get(person=row.recipient_key)
    found.milestones.all().update(state="done", done_on=clock.today())
    onboarding.settle(found)


def print_all(client, *rows):
    return client.post(reverse("members:letters_print"), {"brief": [row.pk for row in rows]})


def test_whoever_has_arrived_is_in_neither_list_nor_number(world, staff):
    waits, arrived = letter_to(world, "Zza", **STREET), letter_to(world, "Zzb", **STREET)
    finish(arrived)

    page = staff.get(reverse("members:letters"))

    assert [row.mail.pk for row in page.context["rows"]] == [waits.pk]
    office = world.user("staff")
    assert page.context["count"] == newcomers(office, "brief").count() == 1


def test_everybody_who_is_not_printed_is_named_with_the_reason(world, staff):
    good, arrived = letter_to(world, "Zza", **STREET), letter_to(world, "Zzb", **STREET)
    homeless = letter_to(world, "Zzc")
    finish(arrived)

    answer = print_all(staff, good, arrived, homeless)

    assert said(answer) == [
        "Nicht gedruckt: Kim Zzb (ist schon angekommen), "
        "Kim Zzc (ohne Straße kommt der Brief nicht an)."
    ]
    states = [(row.state, row.batch is None) for row in reload(good, arrived, homeless)]
    assert states == [("queued", False), ("dropped", True), ("queued", True)]


def test_printing_only_what_is_not_needed_takes_it_out_and_says_why(world, staff):
    row = letter_to(world, "Zzb", **STREET)
    finish(row)

    answer = print_all(staff, row)

    assert answer.url == reverse("members:letters")
    assert said(answer) == ["Nicht gedruckt: Kim Zzb (ist schon angekommen)."]
    (row,) = reload(row)
    assert (row.state, row.reason) == ("dropped", "ist schon angekommen")


def test_a_letter_without_a_street_has_no_tick_and_is_not_printed(world, staff):
    row = letter_to(world, "Zzc")
    page = staff.get(reverse("members:letters")).content.decode()

    answer = print_all(staff, row)

    assert (page.count('name="brief"'), page.count("Ohne Straße kommt der Brief nicht an")) == (
        0,
        1,
    )
    assert said(answer) == ["Ohne Straße kommt der Brief nicht an. Bitte trag die Adresse ein."]
    assert reload(row)[0].batch is None


@pytest.mark.parametrize("is_batch", [False, True])
def test_no_page_without_a_letter_is_ever_handed_out(world, staff, is_batch):
    row = letter_to(world, "Zzb", **STREET)
    url = reverse("members:letter_pdf", args=[row.pk])
    if is_batch:
        batch = desk.print_letters([row.pk], world.person("staff").pk).batch
        url = reverse("members:letter_batch_pdf", args=[batch])
    finish(row)

    answer = staff.get(url)

    assert answer.status_code == 302
    assert said(answer) == [
        "Nicht gedruckt: Kim Zzb (ist schon angekommen).",
        "Hier ist kein Brief mehr nötig.",
    ]


def test_the_night_takes_out_what_nobody_needs_any_more(world):
    waits, arrived = letter_to(world, "Zza"), letter_to(world, "Zzb")
    finish(arrived)

    letters.drop_unneeded()

    assert [(row.state, row.reason) for row in reload(waits, arrived)] == [
        ("queued", ""),
        ("dropped", "ist schon angekommen"),
    ]


def test_a_print_run_is_one_row_with_the_names_in_it(world):
    rows = [letter_to(world, name) for name in ("Zzb", "Zza", "Zzc")]
    by = world.person("staff").pk
    desk.print_letters([row.pk for row in rows[:2]], by)
    desk.print_letters([rows[2].pk], by)
    # Runs printed by an earlier version have a moment for each letter.
    OutgoingMail.objects.filter(pk=rows[0].pk).update(printed_at=clock.now())

    runs = query.open_runs(world.user("staff"))

    assert sorted((run.names, run.letters) for run in runs) == [
        ("Kim Zza und 1 weiterer Brief", 2),
        ("Kim Zzc", 1),
    ]


def test_a_letter_waits_for_the_printer_and_then_for_the_tick(world, staff):
    row = letter_to(world, "Zza")
    url = f"{reverse('members:post')}?stand=wartet"
    before = staff.get(url).content.decode()
    desk.print_letters([row.pk], world.person("staff").pk)
    after = staff.get(url).content.decode()

    assert ("wartet auf den Druck" in before, "wartet auf das Abhaken" in after) == (True, True)
