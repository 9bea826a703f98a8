"""After a restore whoever was erased is erased again, before anybody may work (trust §3.5)."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from members.models import Person
from members.services import replay as service
from members.services.erasure import erase
from portal.common import clock, ledger, restored
from portal.common.models import AuditEvent, RestoreMark
from tests.world import make_newcomer

NOBODY = "9d3f3a52-0f0e-4d7e-9a0e-111111111111"


@pytest.fixture
def book(settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "ledger.txt")
    return tmp_path / "ledger.txt"


@pytest.fixture
def restored_database(world, book):
    """Three people are in the ledger, as if a backup had brought them back; the mark is open."""
    people = [make_newcomer(f"Zzback{n}", world.gliederung("Gehrden")).person.pk for n in range(3)]
    ledger.append(people[:1], "request")
    ledger.append([*people[1:], NOBODY], "membership.left")
    RestoreMark.objects.create(dump="portal-x.dump.gpg", restored_at=clock.now())
    return people


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("replay_erasures", *words, stdout=out)
    return out.getvalue()


def test_everybody_in_the_ledger_goes_again_and_the_portal_opens(restored_database, world):
    others = Person.objects.exclude(pk__in=restored_database).count()

    said = run()

    assert said == (
        "Löschliste: 4 Menschen, davon wieder da und jetzt gelöscht: 3. Das Portal darf starten.\n"
    )
    assert Person.objects.filter(pk__in=restored_database).count() == 0
    assert Person.objects.count() == others
    assert restored.is_open() is False
    mark = RestoreMark.objects.get()
    assert (mark.erased, mark.replayed_at is None) == (3, False)
    event = AuditEvent.objects.get(code="restore.replayed")
    assert (event.actor, event.subject, event.count) == (None, None, 3)


def test_a_second_time_nobody_is_left_to_erase(restored_database):
    run()
    assert "jetzt gelöscht: 0." in run()
    assert AuditEvent.objects.filter(code="restore.replayed").count() == 1


def test_a_crash_in_the_middle_leaves_the_portal_shut_and_can_be_repeated(
    restored_database, monkeypatch
):
    monkeypatch.setattr(service, "BATCH", 1)
    calls = []

    def crash_at_the_second(people, rule, **how):
        calls.append(rule)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return erase(people, rule, **how)

    monkeypatch.setattr(service, "erase", crash_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert Person.objects.filter(pk__in=restored_database).count() == 2
    assert restored.is_open() is True

    assert "jetzt gelöscht: 2." in run()
    assert Person.objects.filter(pk__in=restored_database).count() == 0
    assert restored.is_open() is False


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "fehlt"), ("", "enthält nichts Lesbares"), ("?\n", "enthält nichts Lesbares")],
)
def test_without_a_ledger_the_portal_stays_shut(restored_database, book, content, says):
    book.unlink()
    if content is not None:
        book.write_text(content)
    with pytest.raises(CommandError, match=says):
        run()
    assert restored.is_open() is True
    assert Person.objects.filter(pk__in=restored_database).count() == 3


def test_that_nobody_was_ever_erased_must_be_said(restored_database, book):
    book.unlink()
    assert "Löschliste: 0 Menschen" in run("--ledger-is-empty")
    assert restored.is_open() is False


def test_a_ledger_with_people_is_not_called_empty(restored_database):
    with pytest.raises(CommandError, match="In der Löschliste stehen 4 Menschen"):
        run("--ledger-is-empty")
    assert restored.is_open() is True


def test_while_somebody_of_the_ledger_is_left_the_portal_stays_shut(restored_database, monkeypatch):
    monkeypatch.setattr(service, "erase", lambda people, rule, **how: 0)
    with pytest.raises(CommandError, match="1 Menschen aus der Löschliste ließen sich nicht"):
        run()
    assert restored.is_open() is True


def test_whoever_was_in_the_backup_long_after_their_line_was_never_erased(restored_database, book):
    """The line was written, the erasure rolled back; months later a backup holds a member."""
    alive, *others = restored_database
    lines = [line for line in book.read_text().splitlines() if str(alive) not in line]
    early = clock.now() - timedelta(days=2)
    lines.append(f"{early.isoformat(timespec='seconds')} {alive} person.left")
    book.write_text("\n".join(lines) + "\n")
    name = f"portal-{clock.now():%Y-%m-%dT%H%M%SZ}.dump.gpg"
    RestoreMark.objects.update(dump=name)

    said = run()

    assert "jetzt gelöscht: 2." in said
    assert "1 Menschen bleiben" in said
    assert list(Person.objects.filter(pk__in=[alive, *others]).values_list("pk", flat=True)) == [
        alive
    ]
    assert restored.is_open() is False
