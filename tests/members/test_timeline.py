"""Each source has one sentence per reader, in order, and nothing hidden leaks."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Onboarding
from members.queries import timeline
from portal.common import clock
from tests.members.happenings import (
    agreed_to_more,
    allowed,
    applied,
    asked,
    died,
    given_up,
    got_in,
    handed_on,
    invited,
    invited_by_mistake,
    kept,
    left,
    mailed,
    moved,
    not_arrived,
    not_arrived_and_said_so,
    not_mailed,
    phoned,
    spoken,
    talk,
    tried,
    will_leave,
    won_back,
)

LABELS = {"mentor": "Wünscht sich eine Mentor:in"}


@pytest.fixture
def person(world):
    return world.person("newcomer")


@pytest.fixture
def onboarding(world):
    return world.onboarding("newcomer")


def told(reader, person):
    """What was told, without the two lines that everybody has."""
    every = {"Eingetreten", "Du bist eingetreten", "Im Portal angekommen"}
    every.add("Wir haben von deinem Eintritt erfahren")
    entries = {
        "team": lambda: timeline.for_team(person, LABELS),
        "staff": lambda: timeline.for_staff(person, LABELS),
        "self": lambda: timeline.for_member(person),
    }[reader]()
    return [(e.sentence, e.who) for e in entries if e.sentence not in every]


DEPUTY, CONTACT = "Deputy Zzdeputy", "Ansprechperson Zzansprechperson"
STAFF, CHAIR = "Staff Zzstaff", "Vorsitz Zzvorsitz"
NOBODY = ""
# what happened → what the team, the office and the person read (None: the same as the team)
SOURCES = [
    (applied, [("Aufnahme beantragt", NOBODY)], None, [("Du hast die Aufnahme beantragt", NOBODY)]),
    (
        left,
        [("Mitgliedschaft beendet", NOBODY)],
        [("Mitgliedschaft beendet (Umzug)", NOBODY)],
        [("Deine Mitgliedschaft ist beendet", NOBODY)],
    ),
    (
        died,
        [("Mitgliedschaft beendet", NOBODY)],
        [("Verstorben", NOBODY)],
        [("Deine Mitgliedschaft ist beendet", NOBODY)],
    ),
    (will_leave, [], None, []),
    (won_back, [], [("Rückgewinnung versucht", STAFF)], []),
    (
        asked,
        [("Hat gesagt, dass sich noch niemand gemeldet hat", NOBODY)],
        None,
        [("Du hast gesagt, dass sich noch niemand gemeldet hat", NOBODY)],
    ),
    (
        invited,
        [("Noch einmal eingeladen: Herbst", STAFF)],
        None,
        [("Wir haben dich noch einmal eingeladen", "Staff")],
    ),
    (invited_by_mistake, [], None, []),
    (
        spoken,
        [("Anruf: Wir haben gesprochen, mit Frau Muster", CONTACT)],
        None,
        [("Anruf mit dir und Frau Muster", CONTACT)],
    ),
    (
        tried,
        [("Messenger: Nicht erreicht", CONTACT)],
        None,
        [("Messenger: Wir haben dich nicht erreicht", "Ansprechperson")],
    ),
    (
        kept,
        [
            ("Parteibuch: erledigt", DEPUTY),
            ("Parteibuch ist vor Ort", CHAIR),
            ("Parteibuch bestellt", NOBODY),
        ],
        None,
        [
            ("Parteibuch: erledigt", "Deputy"),
            ("Parteibuch ist vor Ort", "Vorsitz"),
            ("Parteibuch bestellt", NOBODY),
        ],
    ),
    (
        given_up,
        [("Erstes Gespräch: nicht erreicht", NOBODY), ("Anruf: Nicht erreicht", DEPUTY)],
        None,
        [
            ("Erstes Gespräch: Wir haben dich nicht erreicht", NOBODY),
            ("Anruf: Wir haben dich nicht erreicht", "Deputy"),
        ],
    ),
    (
        handed_on,
        [("Übergabe zurückgenommen", NOBODY), ("Deputy Zzdeputy kümmert sich jetzt", CONTACT)],
        None,
        [
            ("Die Übergabe wurde zurückgenommen", NOBODY),
            ("Deputy ist jetzt für dich da", "Ansprechperson"),
        ],
    ),
    (
        moved,
        [("Wechsel nach Uetze vollzogen", NOBODY), ("Wechsel nach Uetze begonnen", STAFF)],
        None,
        [("Wechsel nach Uetze vollzogen", NOBODY), ("Wechsel nach Uetze begonnen", "Staff")],
    ),
    (mailed, [("Mail „Willkommen“", NOBODY), ("Brief „Willkommen“", NOBODY)], None, None),
    (not_mailed, [], None, []),
    (
        phoned,
        [("Am Telefon gesagt: Wünscht sich eine Mentor:in", DEPUTY)],
        None,
        [("Am Telefon etwas für dich eingetragen", "Deputy")],
    ),
    (
        allowed,
        [("Messenger nicht mehr erlaubt", NOBODY), ("Messenger erlaubt (am Telefon)", NOBODY)],
        None,
        None,
    ),
    (
        agreed_to_more,
        [],
        [("Eingewilligt (auf Papier)", NOBODY)],
        [("Eingewilligt (auf Papier)", NOBODY)],
    ),
    (
        got_in,
        [("Zugang eingerichtet", NOBODY)],
        None,
        [("Du hast deinen Zugang eingerichtet", NOBODY)],
    ),
    (not_arrived, [], None, [("„Bist du angekommen?“ – Eher nein", NOBODY)]),
    # Told to the one Ansprechperson, on *Heute*; the timeline is read by all who act there.
    (not_arrived_and_said_so, [], None, [("„Bist du angekommen?“ – Eher nein", NOBODY)]),
]


@pytest.mark.parametrize(
    ("happen", "team", "staff", "own"), SOURCES, ids=[row[0].__name__ for row in SOURCES]
)
def test_each_reader_is_told_what_is_theirs(world, person, onboarding, happen, team, staff, own):
    happen(world, person, onboarding)
    expected = {"team": team, "staff": staff or team, "self": team if own is None else own}
    # Two things of one moment have no order.
    assert {reader: sorted(told(reader, person)) for reader in expected} == {
        reader: sorted(lines) for reader, lines in expected.items()
    }


def test_no_source_is_without_a_test(world, person, onboarding):
    """A new source has to bring its line above."""
    read = set()
    for happen, *_ in SOURCES:
        with transaction.atomic():
            happen(world, person, onboarding)
            for reader in timeline.Reader:
                first, *others = [source.read(reader)(person) for source in timeline.SOURCES]
                read |= {row[0] for row in first.union(*others, all=True)}
            transaction.set_rollback(True)
    assert read == {source.code for source in timeline.SOURCES}


def test_newest_first_and_a_day_begins_with_joining_and_ends_with_what_was_kept(
    world, person, onboarding
):
    contact = talk(onboarding, world.person("deputy"), days=0)
    onboarding.milestones.filter(position=1).update(
        state="done", done_on=clock.today(), closed_by=contact
    )
    talk(onboarding, world.person("deputy"), days=7, result="not_reached")
    assert [entry.sentence for entry in timeline.for_team(person, {})] == [
        "Erstes Gespräch: erledigt",
        "Anruf: Wir haben gesprochen",
        "Im Portal angekommen",
        "Anruf: Nicht erreicht",
        "Eingetreten",
    ]


def test_only_the_newest_talk_can_be_taken_back(world, person, onboarding):
    talk(onboarding, world.person("deputy"), days=2)
    newest = talk(onboarding, world.person("deputy"), days=1)
    found = [entry.contact for entry in timeline.for_team(person, {}) if entry.contact]
    assert found == [newest.pk]


def test_notes_are_told_to_the_team_and_stand_elsewhere_for_the_person(world, person, onboarding):
    spoken(world, person, onboarding)
    assert [e.note for e in timeline.for_team(person, {}) if e.note] == ["Mag Musik."]
    assert [e.note for e in timeline.for_member(person) if e.note] == []


def test_surnames_of_volunteers_appear_after_the_first_talk(world, person, onboarding):
    tried(world, person, onboarding)
    assert "Zz" not in " ".join(e.who + e.sentence for e in timeline.for_member(person))
    spoken(world, person, onboarding)
    assert CONTACT in {e.who for e in timeline.for_member(person)}


def test_one_query_however_much_happened(world, person, onboarding, django_assert_num_queries):
    for n in range(40):
        talk(onboarding, world.person("deputy"), days=n)
        mailed(world, person, onboarding)
    for read in (lambda: timeline.for_team(person, {}), lambda: timeline.for_member(person)):
        with django_assert_num_queries(1):
            assert len(read()) == 122


def test_nobody_elses_life_is_in_it(world, person):
    other = world.onboarding("other_newcomer")
    for happen, *_ in SOURCES:
        if happen not in (agreed_to_more, not_arrived_and_said_so, invited_by_mistake, not_mailed):
            happen(world, other.person, other)
    assert told("staff", person) == []


# --- Pages ------------------------------------------------------------------------------------


def test_the_call_sheet_asks_the_same_for_few_and_many_entries(world, onboarding, client_as):
    client = client_as("deputy")  # for whom one more question is asked: did I hand this one on?
    url = reverse("members:newcomer", args=[onboarding.pk])
    client.get(url)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        ours = ("SAVEPOINT", "RELEASE")
        asked = [q["sql"] for q in captured if not q["sql"].startswith(ours)]
        counts.append([sql for sql in asked if "values ('system:test'" not in sql])
        for n in range(60):
            talk(onboarding, world.person("deputy"), days=n)
            mailed(world, onboarding.person, onboarding)
    assert len(counts[0]) == len(counts[1]) <= 12, "\n".join(counts[1])


def test_the_office_reads_the_timeline_of_somebody_who_left(world, onboarding, client_as):
    left(world, onboarding.person, onboarding)
    Onboarding.objects.filter(pk=onboarding.pk).update(state="closed")
    url = reverse("members:timeline", args=[onboarding.person_id])
    assert "Mitgliedschaft beendet (Umzug)" in client_as("staff").get(url).content.decode()


def test_somebody_about_whom_nothing_is_known_has_an_empty_page(world, client_as):
    person = world.person("staff")
    person.memberships.all().delete()
    page = client_as("staff").get(reverse("members:timeline", args=[person.pk]))
    assert "Bisher ist nichts eingetragen." in page.content.decode()
