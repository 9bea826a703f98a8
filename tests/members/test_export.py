"""Everything about one person and nobody else: the file is made from the field registry."""

import io
import json
import zipfile

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import RightsRequest
from members.services import export, rights
from members.services.export import rules as kept
from members.services.export.rows import everything
from portal.common import clock, fields
from portal.common.fields import FieldClass, personal
from portal.common.models import AuditEvent, OutgoingMail
from tests.members import everything as staged
from tests.world import CAST, canary


def unpacked(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def planted(world):
    """Two people to whom everything has happened, each with canaries of their own."""
    for role in ("newcomer", "other_newcomer"):
        staged.stage(world, role)
    own = staged.plant(world.person("newcomer"), "x")
    foreign = staged.plant(world.person("other_newcomer"), "y")
    return own, foreign


def own_file(person) -> dict[str, str]:
    return unpacked(export.own(person).content)


def test_every_personal_model_has_a_row_in_this_test(world):
    staged.stage(world, "newcomer")
    without = [label for label, rows in staged.rows_about(world.person("newcomer")) if not rows]
    assert without == []


def test_each_canary_is_in_the_file_exactly_where_its_class_says(planted, world):
    own, _ = planted
    person = RightsRequest.objects.get(text=canary_of(own, "members.RightsRequest", "text")).person
    files = own_file(person)
    expected = {one for one in own if is_told(one)}
    assert {one for one in own if one.canary in files["meine-daten.json"]} == expected
    readable = {one for one in expected if one.kind is not FieldClass.TECHNICAL}
    assert {one for one in readable if one.canary not in files["meine-daten.html"]} == set()
    assert len(expected) > 40
    # Secrets there are, and they were planted.
    assert {one.label for one in own if one.kind is FieldClass.ACCESS} >= {
        "members.User",
        "members.Session",
        "members.Card",
        "mfa.Authenticator",
        "account.EmailConfirmation",
    }


def canary_of(planted, label, name):
    return next(one.canary for one in planted if (one.label, one.name) == (label, name))


def is_told(one) -> bool:
    places = (one.label, f"{one.label}.{one.name}", f"*.{one.name}")
    return one.kind is not FieldClass.ACCESS and not any(place in kept.LEFT_OUT for place in places)


def test_nothing_of_anybody_else_is_in_the_file(planted, world):
    own, foreign = planted
    person = RightsRequest.objects.get(text=canary_of(own, "members.RightsRequest", "text")).person
    text = "".join(own_file(person).values())
    assert [one for one in foreign if one.canary in text] == []
    assert [role for role in CAST if canary(role) in text] == ["ansprechperson"]
    numbers = {str(row.pk) for row in apps.get_model("members.Person")._default_manager.all()} | {
        str(row.pk) for _, rows in staged.rows_about(person) for row in rows
    }
    assert [number for number in numbers if len(number) == 36 and number in text] == []


def test_the_table_of_exceptions_names_only_what_exists():
    known = {f"{label}.{name}" for label, rule in fields.rules().items() for name in rule.fields}
    stale = {
        place
        for place in kept.LEFT_OUT
        if place not in known | personal() and not place.startswith("*.")
    }
    assert stale == set()
    assert all(kept.LEFT_OUT.values())
    assert set(kept.contained()) == personal() - {
        "members.ImportRow",
        "common.AuditEvent",
        "members.PairRule",
    }


def test_who_did_something_is_told_by_office_and_the_contact_by_name(world):
    staged.stage(world, "newcomer")
    data = json.loads(own_file(world.person("newcomer"))["meine-daten.json"])["daten"]
    contact = world.person("ansprechperson")
    assert data["members.Onboarding"][0]["responsible"] == contact.full_name
    assert data["members.Interest"][0]["responsible"] == "Vorsitz, Ortsverein Gehrden"
    assert "mentor" not in data["members.MatchProposal"][0]
    assert data["common.Consent"][0]["recorded_by"] == contact.full_name
    assert "Fassung 1" in data["common.Consent"][0]["text"]


def test_the_log_says_what_happened_to_me_and_what_i_did(world):
    staged.stage(world, "newcomer")
    log = json.loads(own_file(world.person("newcomer"))["meine-daten.json"])["protokoll"]
    said = {(entry["code"], entry["was"], entry["von"]) for entry in log}
    contact = world.person("ansprechperson").full_name
    assert ("contact.logged", "Gespräch eingetragen", contact) in said
    assert ("rights.asked", "Anfrage zu den eigenen Daten gestellt", "du selbst") in said
    assert "Etwas im Portal bearbeitet" not in {entry["was"] for entry in log}


@pytest.mark.parametrize(("kind", "body"), [("members.welcome", "Hallo"), ("members.digest", "")])
def test_a_mail_about_others_is_told_by_its_envelope(kind, body, world):
    person = world.person("newcomer")
    mail(person, kind)
    data = json.loads(own_file(person)["meine-daten.json"])["daten"]
    assert [row["body"] for row in data["common.OutgoingMail"] if row["kind"] == kind] == [body]


def mail(person, kind="members.welcome", number=0):
    now = clock.now()
    return OutgoingMail.objects.create(
        kind=kind,
        recipient_key=person.pk,
        address=person.email,
        dedupe_key=f"{kind}:{number}",
        message_id=f"<{kind}:{number}@x>",
        created_at=now,
        not_before=now,
        body="Hallo",
    )


def test_the_number_of_queries_does_not_grow_with_the_rows(world):
    staged.stage(world, "newcomer")
    person, counts = world.person("newcomer"), []
    for rows in (0, 60):
        for number in range(rows):
            mail(person, number=number + 1)
            AuditEvent.objects.create(code="person.changed", at=clock.now(), subject=person.pk)
        with CaptureQueriesContext(connection) as captured:
            everything(person)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_file_is_made_by_a_button_and_kept_by_nobody(world, client_as):
    client, url = client_as("newcomer"), reverse("members:my_export")
    page = client.get(url)
    assert (page["Content-Type"], AuditEvent.objects.filter(code="export.own").count()) == (
        "text/html; charset=utf-8",
        0,
    )
    response = client.post(url)
    assert response["Content-Type"] == "application/zip"
    assert "no-store" in response["Cache-Control"]
    assert f'filename="meine-daten-{clock.today():%Y-%m-%d}.zip"' in response["Content-Disposition"]
    files = unpacked(response.content)
    assert sorted(files) == ["meine-daten.html", "meine-daten.json"]
    assert canary("newcomer") in files["meine-daten.html"]
    assert "http://" not in files["meine-daten.html"]
    assert "https://" not in files["meine-daten.html"]
    event = AuditEvent.objects.get(code="export.own")
    assert (event.actor, event.subject) == (world.person("newcomer").pk,) * 2
    assert event.count > 5


def test_the_office_makes_it_with_a_reason_that_the_person_reads(world, client_as):
    person, client = world.person("member"), client_as("staff")
    url = reverse("members:person_export", args=[person.pk])
    assert client.post(url, {"reason": ""})["Content-Type"].startswith("text/html")
    files = unpacked(client.post(url, {"reason": "Am Telefon gebeten."}).content)
    assert canary("member") in files["meine-daten.html"]
    assert AuditEvent.objects.get(code="export.for_person").subject == person.pk
    noted = RightsRequest.objects.get(person=person)
    assert (noted.kind, noted.state, noted.text) == ("access", "done", "Am Telefon gebeten.")
    page = client_as("member").get(reverse("members:my_data")).content.decode()
    assert page.count("Am Telefon gebeten.") == 1


def test_nobody_makes_their_own_file_with_a_reason(world, client_as):
    url = reverse("members:person_export", args=[world.person("staff").pk])
    assert client_as("staff").post(url, {"reason": "ich"}).status_code == 403


def test_an_open_request_is_answered_with_the_file(world):
    person, by = world.person("member"), world.person("staff")
    rights.ask(person, rights.Asked("access"), by)
    export.for_person(person, "Brief vom 3. Mai", by)
    one = RightsRequest.objects.get(person=person)
    assert (one.state, one.answered_by) == ("done", by)
