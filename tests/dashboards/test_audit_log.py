"""The *Protokoll*: German, complete, without values, for the data-protection office (T3, T30)."""

import uuid
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from members.models import Amt
from members.services import audit_watch
from portal.common import audit, audit_chain, audit_codes, clock
from portal.common.models import AuditCheck, AuditEvent, AuditSeal, OutgoingMail
from tests.world import canary, make_amt, make_person

LOG = "dashboards:audit_log"


@pytest.fixture(autouse=True)
def heads(settings, tmp_path):
    settings.AUDIT_HEADS = tmp_path / "heads"


def body(client, **query):
    answer = client.get(reverse(LOG), query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def event(code, day="2026-11-20", **values):
    at = timezone.make_aware(datetime.fromisoformat(f"{day} 12:00"))
    return AuditEvent.objects.create(code=code, at=at, **values)


def shown(page):
    return {
        one for group in audit_codes.groups() for one in group.sentences.values() if one in page
    }


def test_an_event_says_who_did_what_to_which_kind_and_which_fields(world, client_as):
    staff, member = world.person("staff"), world.person("member")
    audit.record("person.changed", staff.pk, member, ["family_name", "plz"])
    audit.record("import.applied", staff.pk, None, [], count=120)
    page = body(client_as("privacy"))
    assert "Person geändert" in page
    assert f"{staff.full_name} (Geschäftsstelle, Region) · Person · Nachname, PLZ" in page
    assert f"{staff.full_name} (Geschäftsstelle, Region) · 120-mal" in page
    # Whom it is about is not told, nor what stood in the fields.
    assert canary("member") not in page


def test_members_without_an_office_are_not_named_and_gone_ones_are_gone(world, client_as):
    audit.record("person.changed_self", world.person("newcomer").pk, None, ["plz"])
    audit.record("person.changed_self", uuid.uuid4(), None, ["plz"])
    audit.record("amt.appointed", None)
    page = body(client_as("privacy"))
    assert canary("newcomer") not in page
    for who in ("ein Mitglied · PLZ", "nicht mehr im Portal · PLZ", "das Portal selbst"):
        assert who in page


def test_days_subject_and_office_holder_narrow_the_list(world, client_as):
    staff, deputy = world.person("staff"), world.person("deputy")
    event("amt.given", "2026-10-01", actor=staff.pk)
    event("card.made", "2026-10-02", actor=deputy.pk)
    event("consent.given.messenger", "2026-10-03")
    client = client_as("privacy")
    days = {"von": "2026-10-01", "bis": "2026-10-03"}
    everything = {"Amt vergeben", "Karte „Komm mit“ erstellt", "Einwilligung gegeben"}
    assert shown(body(client, **days)) == everything
    assert shown(body(client, von="2026-10-02", bis="2026-10-02")) == {"Karte „Komm mit“ erstellt"}
    assert shown(body(client, worum="einwilligungen", **days)) == {"Einwilligung gegeben"}
    assert shown(body(client, wer=str(staff.pk), **days)) == {"Amt vergeben"}
    nothing = body(client, wer=str(deputy.pk), worum="aemter", **days)
    assert "Dazu gibt es keinen Eintrag." in nothing


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"von": "gestern"}, "Bitte ein Datum wie 24.12.2026."),
        ({"von": "2026-10-02", "bis": "2026-10-01"}, "Das Ende liegt vor dem Anfang."),
        ({"worum": "nichts"}, "notice-error"),
        ({"wer": "x"}, "notice-error"),
    ],
)
def test_a_mistake_in_the_filter_gets_a_sentence(world, client_as, query, said):
    event("amt.given")
    page = body(client_as("privacy"), **query)
    assert said in page
    assert "Amt vergeben" in page


def test_the_list_comes_in_pages_of_fifty_newest_first(world, client_as):
    AuditEvent.objects.bulk_create(
        AuditEvent(code="card.made", at=clock.now() + timedelta(minutes=n)) for n in range(51)
    )
    event("amt.given", "2020-01-01")
    client = client_as("privacy")
    assert body(client).count("Karte „Komm mit“ erstellt") == 50
    last = body(client, page=2)
    assert shown(last) >= {"Karte „Komm mit“ erstellt", "Amt vergeben"}


def test_the_page_says_since_when_the_log_is_whole_and_where_it_breaks(world, client_as):
    client = client_as("privacy")
    assert "zum ersten Mal in der kommenden" in body(client)
    with time_machine.travel("2026-11-01 10:00:00+01:00"):
        AuditCheck.objects.create(at=clock.now(), seals=7)
    AuditCheck.objects.create(at=clock.now(), seals=9)
    assert "unverändert seit 01.11.2026" in body(client)
    AuditCheck.objects.create(at=clock.now(), seals=3, problem="removed", position=4)
    page = body(client)
    assert "nicht mehr unverändert" in page
    assert "Stelle 4: Der Eintrag fehlt" in page


def test_both_offices_are_told_once_of_what_is_newly_broken(world, settings):
    event("amt.given")
    audit_chain.seal()
    assert audit_watch.check().problem == ""
    assert not OutgoingMail.objects.filter(kind=audit_watch.BROKEN).exists()
    AuditSeal.objects.create(
        position=10**6, event=10**9, goes_on=date(2020, 1, 1), digest=bytes(32), hash=bytes(32)
    )
    assert audit_watch.check().problem == audit_chain.GAP
    told = OutgoingMail.objects.filter(kind=audit_watch.BROKEN)
    roles = ("privacy", "staff", "staff_without_mfa")
    assert {mail.recipient_key for mail in told} == {world.person(role).pk for role in roles}
    audit_watch.check()
    assert OutgoingMail.objects.filter(kind=audit_watch.BROKEN).count() == 3


def test_the_office_of_data_protection_has_a_home_with_its_cards(world, client_as):
    client = client_as("privacy")
    assert client.get("/").url == reverse("dashboards:data_protection")
    page = client.get(reverse("dashboards:data_protection")).content.decode()
    assert f'href="{reverse(LOG)}"' in page
    # The door in the navigation stands on both pages.
    assert 'aria-current="page"' in page
    for role in ("staff", "vorsitz", "member"):
        assert client_as(role).get(reverse(LOG)).status_code == 403


def test_an_office_of_data_protection_elsewhere_reads_nothing(world, client_as):
    amt = world.person("privacy").aemter.get()
    amt.gliederung = world.gliederung("Gehrden")
    amt.save()
    assert client_as("privacy").get(reverse(LOG)).status_code == 403


@pytest.mark.parametrize("missing", ["pledged_on", "trained_on"])
def test_without_pledge_or_training_nothing_is_read(world, client_as, missing):
    world.person("privacy").aemter.update(**{missing: None})
    assert client_as("privacy").get(reverse(LOG)).status_code == 403


def test_without_a_second_factor_the_way_leads_to_setting_it_up(world, client_as):
    world.user("privacy").authenticator_set.all().delete()
    answer = client_as("privacy").get(reverse(LOG))
    assert (answer.status_code, answer.url) == (302, reverse("mfa_choose"))


# --- Offices nobody has looked at -----------------------------------------------------------


def home(client_as):
    return client_as("privacy").get(reverse("dashboards:data_protection")).content.decode()


def test_offices_that_a_whole_quarter_passed_by_are_seen_by_both(world, client_as):
    with time_machine.travel("2026-11-22 10:00:00+01:00"):
        long_ago = date(2026, 8, 1)
        Amt.objects.update(beginn=long_ago, pledged_on=long_ago, trained_on=long_ago, ende=None)
        assert "Jedes Amt wurde" in home(client_as)
        for field in ("recertified_on", "renewed_on"):
            late = make_amt(make_person(f"Zz{field[:5]}"), world.gliederung("Uetze"), "vorsitz")
            Amt.objects.filter(pk=late.pk).update(beginn=date(2026, 1, 1), **{field: "2026-06-30"})
        page = home(client_as)
        assert "Zzrecer" in page
        assert "Zzrenew" in page
        assert canary("vorsitz") not in page
        coverage = client_as("staff").get(reverse("members:coverage")).content.decode()
        assert "2 davon blieben schon das ganze letzte Vierteljahr ungeprüft" in coverage
        Amt.objects.filter(beginn=date(2026, 1, 1)).update(recertified_on=date(2026, 7, 1))
        assert "Jedes Amt wurde" in home(client_as)
