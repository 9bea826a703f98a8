"""Letters: everybody without an address is reached on paper, and only once (R1, R12)."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.models import Person
from members.services import letters, welcome
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.models import AddressTrouble, OutgoingMail
from portal.common.outbox import desk, kinds, render
from portal.common.outbox.letters import blocks
from portal.common.outbox.services import Draft, queue, readdress
from tests.concurrency import at_once
from tests.world import make_newcomer

DAY = timedelta(days=1)


def pages(pdf):
    return len(re.findall(rb"/Type ?/Page\b", pdf))


def letter_to(world, name, place="Gehrden", **values):
    """A newcomer without an address, whose welcome waits as a letter."""
    onboarding = make_newcomer(name, world.gliederung(place), email="", **values)
    welcome.queue_welcomes([onboarding])
    OutgoingMail.objects.update(not_before=clock.now())
    return OutgoingMail.objects.get(recipient_key=onboarding.person_id)


@pytest.fixture
def by(world):
    return world.person("staff").pk


def reload(*rows):
    return [OutgoingMail.objects.get(pk=row.pk) for row in rows]


# --- What stands in it ----------------------------------------------------------------------


def test_the_window_shows_the_address_and_does_not_tell_what_we_are(world):
    row = letter_to(world, "Zzbrief", street="Langer Weg 3", plz="30989", city="Gehrden")

    (letter,) = letters.letters_of([row])

    assert letter.sender == "Testweg 1 · 30159 Hannover"
    assert letter.address == ("Kim Zzbrief", "Langer Weg 3", "30989 Gehrden")
    assert world.district.office_name not in letter.sender
    assert re.findall("SPD|Partei|Mitglied", letter.subject) == []


def test_a_welcome_on_paper_names_contact_phone_two_dates_and_a_slip(world):
    row = letter_to(world, "Zzbrief")

    body = letters.letters_of([row])[0].body

    found = blocks(body)
    assert "Ansprechperson Zzansprechperson" in body
    assert world.district.phone in body
    assert [len(part["lines"]) for part in found if part["kind"] == "list"] == [2]
    assert [len(part["lines"]) for part in found if part["kind"] == "boxes"] == [6]
    assert [part["kind"] for part in found].count("cut") == 1
    assert re.findall(r"https?://|\{|\}", body) == []


@pytest.mark.parametrize(
    ("language", "greeting"),
    [("de", "Hallo"), ("leicht", "Hallo"), ("en", "Hello"), ("tr", "Hallo")],
)
def test_the_letter_speaks_the_language_of_its_reader(world, language, greeting):
    row = letter_to(world, "Zzbrief", language=language)

    (letter,) = letters.letters_of([row])

    assert letter.body.split(" ")[0] == greeting
    assert letter.language == ("en" if language == "en" else "de")


def test_a_kind_without_a_letter_of_its_own_is_printed_without_links(world):
    kind = kinds.get("members.invitation")
    facts = {p.name: p.sample for p in kind.placeholders} | {"language": "leicht"}
    row = OutgoingMail(kind=kind.code, channel="letter")

    written = render.write(row, kind.__class__(**_fields(kind) | {"context": lambda _: facts}))

    assert "http" not in written.text.body
    assert written.text.body.startswith("Hallo Kim")


def _fields(kind):
    return {name: getattr(kind, name) for name in kind.__slots__}


def test_a_name_cannot_command_the_typesetter(world):
    evil = '#read("/etc/passwd") $x$ *b* \\ [ ] <a>'
    row = letter_to(world, evil, street=evil)

    pdf = letters.pdf([row], row.pk)

    assert (pdf[:5], pages(pdf)) == (b"%PDF-", 1)


def test_a_hundred_letters_have_a_hundred_beginnings(world):
    rows = [letter_to(world, f"Viele{n}") for n in range(5)]

    assert pages(letters.pdf(rows * 20, rows[0].pk)) == 100


# --- Printing and ticking -------------------------------------------------------------------


def test_printing_asks_again_whether_a_letter_is_still_needed(world, by):
    stays, left = letter_to(world, "Zza"), letter_to(world, "Zzb")
    Person.objects.get(pk=left.recipient_key).memberships.update(
        has_ended=True, left_on=clock.today()
    )

    printed = desk.print_letters([stays.pk, left.pk], by)

    assert (printed.letters, printed.left_out) == (1, ((left.recipient_key, "ausgetreten"),))
    stays, left = reload(stays, left)
    assert (stays.state, stays.batch) == ("queued", printed.batch)
    assert (left.state, left.reason, left.batch) == ("dropped", "ausgetreten", None)


def test_two_people_print_at_once_and_every_letter_is_in_one_batch(live_world):
    rows = [letter_to(live_world, f"Zz{n}") for n in range(6)]
    by, batches = live_world.person("staff").pk, []

    def print_all():
        try:
            batches.append(desk.print_letters([row.pk for row in rows], by))
        except desk.AlreadyDone:
            batches.append(None)

    at_once(print_all, print_all)

    assert sorted(str(type(b).__name__) for b in batches) == ["NoneType", "Printed"]
    assert {row.batch for row in reload(*rows)} == {b.batch for b in batches if b}


def test_two_people_tick_at_once_and_each_letter_is_ticked_once(live_world):
    rows = [letter_to(live_world, f"Zz{n}") for n in range(4)]
    by, counts = live_world.person("staff").pk, []
    pks = [row.pk for row in rows]
    desk.print_letters(pks, by)

    at_once(*[lambda: counts.append(desk.tick(pks, clock.today(), by))] * 2)

    assert sorted(counts) == [0, 4]
    assert {row.state for row in reload(*rows)} == {"sent"}


def test_a_tick_can_be_taken_back_on_the_same_day_only(world, by):
    row = letter_to(world, "Zza")
    printed = desk.print_letters([row.pk], by)
    desk.tick([row.pk], clock.today(), by)
    assert reload(row)[0].body != ""

    assert desk.untick(printed.batch, by) == 1
    (row,) = reload(row)
    assert (row.state, row.sent_at, row.body) == ("queued", None, "")

    desk.tick([row.pk], clock.today(), by)
    with time_machine.travel(clock.now() + DAY), pytest.raises(DomainError, match="selben Tag"):
        desk.untick(printed.batch, by)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_letter_was_not_posted_before_printing_nor_tomorrow(world, by, days):
    row = letter_to(world, "Zza")
    desk.print_letters([row.pk], by)

    with pytest.raises(DomainError, match="Datum liegt"):
        desk.tick([row.pk], clock.today() + days * DAY, by)


def test_whoever_gets_an_address_meanwhile_gets_a_mail_unless_it_is_printed(world, by):
    printed, unprinted = letter_to(world, "Zza"), letter_to(world, "Zzb")
    desk.print_letters([printed.pk], by)

    for row in (printed, unprinted):
        readdress(row.recipient_key, "neu@example.org")

    printed, unprinted = reload(printed, unprinted)
    assert (printed.channel, unprinted.channel) == ("letter", "mail")


@pytest.mark.parametrize(
    ("address", "way", "said"),
    [
        ("neu@example.org", "mail", "Es wird eine Mail"),
        ("", "letter", "wartet wieder auf den Druck"),
        ("ruht@example.org", "letter", "wartet wieder auf den Druck"),
    ],
)
def test_a_printed_letter_that_never_left_waits_as_what_reaches_the_person_now(
    world, by, client_as, address, way, said
):
    AddressTrouble.objects.create(
        address="ruht@example.org",
        recipient_key=uuid.uuid4(),
        last_at=clock.now(),
        paused_at=clock.now(),
    )
    row = letter_to(world, "Zza")
    desk.print_letters([row.pk], by)
    Person.objects.filter(pk=row.recipient_key).update(email=address)

    page = client_as("staff").post(reverse("members:letter_back", args=[row.pk]), follow=True)

    (row,) = reload(row)
    assert (row.state, row.batch, row.printed_at) == ("queued", None, None)
    assert (row.channel, row.address) == (way, address)
    assert said in page.content.decode()


def test_more_than_a_hundred_letters_are_refused(world, by):
    with pytest.raises(DomainError, match="höchstens 100"):
        desk.print_letters([uuid.uuid4() for _ in range(101)], by)


# --- Pages ----------------------------------------------------------------------------------


def test_staff_print_a_batch_sorted_by_place_and_name_and_tick_it(world, client_as):
    names = (("Zzu", "Uetze"), ("Zzb", "Gehrden"), ("Zza", "Gehrden"))
    rows = [letter_to(world, name, place, street="Langer Weg 3") for name, place in names]
    client = client_as("staff")

    page = client.post(reverse("members:letters_print"), {"brief": [row.pk for row in rows]})
    pdf = client.get(f"{page.url}briefe.pdf")

    assert (pdf.headers["Content-Type"], pages(pdf.content)) == ("application/pdf", 3)
    shown = client.get(page.url).content.decode()
    assert re.findall(r"Kim (Zz\w)", shown)[:3] == ["Zza", "Zzb", "Zzu"]
    tick = {"brief": [row.pk for row in rows], "on": f"{clock.today():%d.%m.%Y}"}
    client.post(f"{page.url}verschickt/", tick)
    assert {row.state for row in reload(*rows)} == {"sent"}


def test_a_missing_street_can_be_entered_from_the_list(world, client_as):
    row = letter_to(world, "Zza")
    client = client_as("staff")
    assert client.get(reverse("members:letters")).content.decode().count(">Adresse eintragen<") == 1

    url = reverse("members:letter_address", args=[row.pk])
    address = {"street": "Am Deich 1", "plz": "abc", "city": "Gehrden"}
    assert "fünf Ziffern" in client.post(url, address).content.decode()
    Person.objects.filter(pk=row.recipient_key).update(kommune=None, open_question="plz")
    client.post(url, address | {"plz": "30989"})

    person = Person.objects.get(pk=row.recipient_key)
    assert (person.street, person.plz, person.city) == ("Am Deich 1", "30989", "Gehrden")
    assert (person.kommune.short_name, person.open_question) == ("Gehrden", "")


def test_a_login_code_never_becomes_a_letter_of_somebody(world):
    user = world.user("newcomer")
    key = {"recipient_key": user.person_id, "dedupe_key": "code"}
    queue(Draft(kind="account.login_code", address=user.email, ids={"user": str(user.pk)}, **key))

    readdress(user.person_id, "")

    assert OutgoingMail.objects.get().channel == "mail"
