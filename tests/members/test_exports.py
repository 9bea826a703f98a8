"""A file with people leaves for a purpose, is told to them, and is asked after (T2, T13, D3)."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members import exports as _registered  # noqa: F401 -- fills the registry
from members.models import Amt, Look, Person
from members.queries import looks as looks_query
from members.services import exports
from portal.common import clock
from portal.common import exports as registry
from portal.common.models import AuditEvent, ExportRun, OutgoingMail
from tests.world import canary, make_newcomer

PURPOSE = "Einladung zum Neumitgliederabend"


def page(code="neumitglieder"):
    return reverse("members:export", args=[code])


def rows(content):
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_the_file_has_the_columns_it_says_and_only_whom_one_sees(world, client_as):
    response = client_as("staff").post(page(), {"purpose": PURPOSE})
    header, *lines = rows(response.content)
    assert tuple(header) == registry.find("neumitglieder").columns
    assert {line[0] for line in lines} == {
        canary(role) for role in ("newcomer", "other_newcomer", "foreign_newcomer")
    }
    mine = next(line for line in lines if line[0] == canary("newcomer"))
    joined = clock.today() - timedelta(days=20)
    assert mine[2:5] == [
        "Ortsverein Gehrden",
        f"{joined:%d.%m.%Y}",
        f"Ansprechperson {canary('ansprechperson')}",
    ]
    assert all(step.endswith(": offen") for step in mine[5:] if step)


def test_offices_are_listed_with_the_number_of_the_office(world, client_as):
    Amt.objects.filter(person=world.person("vorsitz")).update(shown_phone=Amt.ShownPhone.NONE)
    _, *lines = rows(client_as("staff").post(page("aemter"), {"purpose": PURPOSE}).content)
    phones = {line[2]: line[4] for line in lines}
    assert phones[canary("ansprechperson")] == "0511 123456"
    assert phones[canary("vorsitz")] == ""
    assert canary("ex_officer") not in phones


def test_a_formula_stays_text(world, client_as):
    make_newcomer("=HYPERLINK(1)", world.gliederung("Gehrden"))
    _, *lines = rows(client_as("staff").post(page(), {"purpose": PURPOSE}).content)
    assert "'=HYPERLINK(1)" in {line[0] for line in lines}


def test_purpose_count_and_day_stay_written_down(world, client_as):
    client_as("staff").post(page(), {"purpose": PURPOSE})
    run = ExportRun.objects.get()
    assert (run.code, run.purpose, run.count) == ("neumitglieder", PURPOSE, 3)
    assert run.delete_on == clock.today() + timedelta(days=14)
    event = AuditEvent.objects.get(code="export.made")
    assert (event.actor, event.subject, event.count) == (world.person("staff").pk, run.pk, 3)


@pytest.mark.parametrize("purpose", ["", "kurz", "x" * 201])
def test_without_a_purpose_nothing_leaves(world, client_as, purpose):
    response = client_as("staff").post(page(), {"purpose": purpose})
    assert response["Content-Type"].startswith("text/html")
    assert (ExportRun.objects.count(), Look.objects.filter(by_export=True).count()) == (0, 0)


def test_the_page_says_before_how_many_people_it_is_about(world, client_as):
    assert "enthält 3 Personen" in client_as("staff").get(page()).content.decode()


def test_five_minutes_later_it_asks_again_who_is_there(world, client_as):
    client = client_as("staff")
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        for answer in (client.get(page()), client.post(page(), {"purpose": PURPOSE})):
            assert answer.url.startswith(reverse("members:confirm"))
    assert not ExportRun.objects.exists()


def test_everybody_in_the_file_can_read_that_it_was_made(world, client_as):
    client_as("staff").post(page(), {"purpose": PURPOSE})
    (entry,) = looks_query.seen_by(world.person("newcomer"))
    assert (entry.office, entry.days) == ("Geschäftsstelle", [clock.today()])


def test_an_export_is_no_step_towards_the_stop(world, client_as, settings):
    settings.LOOKS_PER_DAY = 2
    client = client_as("staff")
    assert client.post(page(), {"purpose": PURPOSE}).status_code == 200
    person = reverse("members:person", args=[world.person("newcomer").pk])
    assert client.get(person).status_code == 200
    counted = Look.objects.get(viewer=world.person("staff"), person=world.person("newcomer"))
    assert (counted.by_export, counted.is_close) == (False, True)


def test_a_second_person_hears_of_more_than_200_people(world, client_as, monkeypatch):
    client = client_as("staff")
    client.post(page(), {"purpose": PURPOSE})
    assert not OutgoingMail.objects.filter(kind=exports.TOLD).exists()
    monkeypatch.setattr(exports, "QUIETLY", 2)
    client.post(page(), {"purpose": PURPOSE})
    mail = OutgoingMail.objects.get(kind=exports.TOLD)
    assert mail.recipient_key == world.person("staff_without_mfa").pk
    from members.mails.exports import _context

    said = _context(mail)
    assert (said["ausgabe"], said["anzahl"]) == ("Neumitglieder", "3")
    second = [world.person(role).pk for role in ("staff_without_mfa", "privacy")]
    Amt.objects.filter(person__in=second).delete()
    refused = client.post(page(), {"purpose": PURPOSE})
    assert "zweite Person" in refused.content.decode()
    assert ExportRun.objects.count() == 2


def test_after_14_days_one_is_asked_and_says_so_with_one_tap(world, client_as):
    client_as("staff").post(page(), {"purpose": PURPOSE})
    with time_machine.travel(clock.now() + timedelta(days=13), tick=False):
        home = client_as("staff").get(reverse("dashboards:uebersicht")).content.decode()
        assert "ausgegebene Datei" not in home
    with time_machine.travel(clock.now() + timedelta(days=14), tick=False):
        client = client_as("staff")
        home = client.get(reverse("dashboards:uebersicht")).content.decode()
        assert "Eine ausgegebene Datei: schon gelöscht?" in home
        assert "jetzt löschen" in client.get(reverse("members:exports")).content.decode()
        client.post(reverse("members:export_deleted", args=[ExportRun.objects.get().pk]))
        home = client.get(reverse("dashboards:uebersicht")).content.decode()
        assert "ausgegebene Datei" not in home
    assert AuditEvent.objects.filter(code="export.deleted").count() == 1


def test_nobody_says_for_somebody_else_that_a_file_is_gone(world, client_as):
    client_as("staff").post(page(), {"purpose": PURPOSE})
    run = ExportRun.objects.get()
    ExportRun.objects.update(made_by=world.person("vorsitz").pk)
    url = reverse("members:export_deleted", args=[run.pk])
    assert client_as("staff").post(url).status_code == 404
    assert ExportRun.objects.filter(deleted_at=None).count() == 1


def test_an_empty_file_is_not_handed_out(world, client_as):
    from members.models import Onboarding

    Onboarding.objects.all().delete()
    response = client_as("staff").post(page(), {"purpose": PURPOSE})
    assert "niemanden" in response.content.decode()
    assert not ExportRun.objects.exists()


def test_an_unknown_file_does_not_exist(world, client_as):
    assert client_as("staff").get(page("alles")).status_code == 404


def test_past_files_say_who_even_when_that_person_is_gone(world, client_as):
    client = client_as("staff")
    client.post(page(), {"purpose": PURPOSE})
    listed = client.get(reverse("members:exports")).content.decode()
    assert PURPOSE in listed
    assert canary("staff") in listed
    ExportRun.objects.update(made_by=Person().pk)
    assert "nicht mehr im Portal" in client.get(reverse("members:exports")).content.decode()
