"""List pages ask the same number of questions for 5 and for 500 rows, and at most 13."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import (
    ImportRun,
    Interest,
    Kommune,
    Meldung,
    Membership,
    MitmachOrt,
    Onboarding,
    Person,
    RightsRequest,
    Transfer,
)
from members.services import imports, mentoring, onboarding
from members.services.organisation import create_gliederung
from members.sorting import sort_name
from portal.common import clock
from portal.common.models import (
    AddressTrouble,
    Consent,
    ConsentText,
    ExportRun,
    OutgoingMail,
)
from tests.world import canary, make_amt, make_mentor

MOST = 13
PAGES = {
    "uebersicht": ("staff", "dashboards:uebersicht", {}),
    "alle": ("staff", "members:newcomers", {}),
    "ohne-mentor": ("staff", "members:newcomers", {"liste": "ohne-mentor"}),
    "nicht-erreicht": ("staff", "members:newcomers", {"liste": "nicht-erreicht"}),
    "parteibuecher": ("staff", "members:parteibuecher", {}),
    "parteibuecher-vor-ort": ("staff", "members:parteibuecher", {"liste": "vor-ort"}),
    "meilensteine": ("staff", "/verwaltung/meilensteine/", {}),
    "suche": ("staff", "members:newcomers", {"q": "kim"}),
    "ansprechperson": ("ansprechperson", "members:newcomers", {}),
    "heute": ("ansprechperson", "dashboards:heute", {}),
    "wechsel": ("staff", "members:transfers", {}),
    "zugaenge": ("staff", "members:accesses", {}),
    "zuordnen": ("staff", "members:undecided", {}),
    "mentoring": ("coordinator", "members:mentoring", {}),
    "import": ("staff", "members:import_list", {}),
    "verwaltung": ("staff", "dashboards:verwaltung", {}),
    "gliederungen": ("staff", "/verwaltung/gliederungen/", {}),
    "vakanzen": ("staff", "/verwaltung/gliederungen/", {"liste": "ohne-ansprechperson"}),
    "aemter": ("staff", "/verwaltung/aemter/", {}),
    "aemter-endet-bald": ("staff", "/verwaltung/aemter/", {"liste": "endet-bald", "q": "nr"}),
    "kommunen": ("staff", "/verwaltung/kommunen/", {}),
    "personen": ("staff", "members:people", {}),
    "mein-start": ("newcomer", "dashboards:mein_start", {}),
    "meine-daten": ("newcomer", "members:my_data", {}),
    "ueber-mich": ("newcomer", "members:about_me", {}),
    "was-ich-bekomme": ("newcomer", "members:my_mail", {}),
    "post": ("staff", "members:post", {"stand": "verschickt"}),
    "post-suche": ("staff", "members:post", {"stand": "verschickt", "q": "kim"}),
    "briefe": ("staff", "members:letters", {}),
    "adressen": ("staff", "members:addresses", {}),
    "verteilen": ("ansprechperson", "members:share_out", {}),
    "abdeckung": ("staff", "members:coverage", {}),
    "aemter-pruefen": ("staff", "members:recertify", {}),
    "ausgetreten": ("staff", "members:win_back", {}),
    "mitmachen": ("newcomer", "members:mitmachen", {}),
    "mitmachen-eng": ("newcomer", "members:mitmachen", {"kurz": "on", "wo": "online"}),
    "orte": ("staff", "members:orte", {}),
    "meldungen": ("staff", "members:meldungen", {}),
    "texte": ("staff", "members:texts", {}),
    "aufnahmen": ("staff", "members:admissions", {}),
    "aufnahmen-vorsitz": ("vorsitz", "members:admissions", {}),
    "interessierte": ("ansprechperson", "members:interested_list", {}),
    "anfragen": ("staff", "members:interest_held", {}),
    "protokoll": ("privacy", "dashboards:audit_log", {}),
    "protokoll-eng": ("privacy", "dashboards:audit_log", {"von": "2026-01-01", "worum": "aemter"}),
    "aufsicht": ("privacy", "dashboards:data_protection", {}),
    "wer-mich-ansah": ("newcomer", "members:looks", {}),
    "ausgaben": ("staff", "members:exports", {}),
    "ausgabe": ("staff", "/daten-ausgeben/neumitglieder/", {}),
    "anfragen-daten": ("staff", "members:rights", {}),
    "einwilligungen": ("newcomer", "members:consents", {}),
    "nachweis": ("newcomer", "members:my_proof", {}),
    "heute-vorsitz": ("vorsitz", "dashboards:heute", {}),
}
# Whoever has no e-mail is asked by telephone how it went: no query more for that (R1).
WITHOUT_EMAIL = ("ansprechperson", "deputy", "vorsitz", "staff")


def add_newcomers(world, count, start):
    gehrden = world.gliederung("Gehrden")
    people = [
        Person(
            given_name="Kim",
            family_name=f"Nr{start + n}",
            sort_name=sort_name(f"Nr{start + n}", "Kim"),
            email=f"nr{start + n}@example.org",
            gliederung=gehrden,
            open_question="plz" if n % 2 else "",
        )
        for n in range(count)
    ]
    Person.objects.bulk_create(people)
    Membership.objects.bulk_create(
        Membership(
            person=p, number=p.family_name, joined_on=clock.today(), first_seen_on=clock.today()
        )
        for p in people
    )
    onboarding.start_many([onboarding.Arrival(p, clock.today()) for p in people])
    Transfer.objects.bulk_create(
        Transfer(
            person=p,
            from_gliederung=gehrden,
            to_gliederung=world.gliederung("Uetze"),
            started_at=clock.now(),
        )
        for p in people
    )
    add_mail(people)
    add_files(people)
    add_requests(world, people)
    add_places(people, start)
    add_arrivals(world, count, start)


def add_requests(world, people):
    """A request of each, and as many of the newcomer, who agreed and took it back as often."""
    newcomer, now = world.person("newcomer"), clock.now()
    RightsRequest.objects.bulk_create(
        RightsRequest(person=one, kind="correction", text="x", created_at=now, due_on=clock.today())
        for person in people
        for one in (person, newcomer)
    )
    text = ConsentText.objects.get(purpose="messenger", language="de")
    Consent.objects.bulk_create(
        Consent(subject=newcomer.pk, text=text, channel="online", given_at=now, withdrawn_at=now)
        for _ in people
    )


def add_places(people, start):
    """One place for each, which somebody asked for; some nobody has confirmed for long."""
    today, newcomer = clock.today(), Person.objects.get(family_name=canary("newcomer"))
    orte = MitmachOrt.objects.bulk_create(
        MitmachOrt(
            kind="treff",
            title=f"Treff {start + n}",
            sentence="Wir reden.",
            gliederung=person.gliederung,
            host=person,
            kommune=Kommune.objects.first() if n < 5 else None,
            confirmed_on=today - timedelta(days=300 if n % 3 == 1 else 0),
        )
        for n, person in enumerate(people)
    )
    long_ago = clock.now() - timedelta(days=30)
    Meldung.objects.bulk_create(
        Meldung(ort=ort, person=person, created_at=long_ago)
        for n, ort in enumerate(orte)
        for person in ([people[n - 1], newcomer] if n % 5 == 1 else [people[n - 1]])
    )


def add_arrivals(world, count, start):
    """Somebody who applied a month ago, somebody interested, and a form to look at, each."""
    now, gehrden = clock.now(), world.gliederung("Gehrden")
    kinds = [(name, n) for name in ("Antrag", "Interesse", "Held") for n in range(count)]
    people = {
        (name, n): Person(
            given_name="Ida",
            family_name=f"{name}{start + n}",
            sort_name=sort_name(f"{name}{start + n}", "Ida"),
            gliederung=gehrden,
        )
        for name, n in kinds
        if name != "Held"
    }
    Person.objects.bulk_create(people.values())
    applied = [person for (name, _), person in people.items() if name == "Antrag"]
    Membership.objects.bulk_create(
        Membership(person=p, applied_on=clock.today() - timedelta(days=40), first_seen_on=now)
        for p in applied
    )
    Interest.objects.bulk_create(
        Interest(
            state="held" if name == "Held" else "confirmed",
            given_name="Ida",
            family_name=f"{name}{start + n}",
            plz="30989",
            person=people.get((name, n)),
            responsible=world.person("ansprechperson"),
            created_at=now,
            link_until=now,
            confirmed_at=now,
        )
        for name, n in kinds
        if name != "Antrag"
    )


def add_files(people):
    """One file with people in it that each of them took along."""
    ExportRun.objects.bulk_create(
        ExportRun(
            made_by=person.pk,
            code="neumitglieder",
            purpose="Einladung",
            count=1,
            made_at=clock.now(),
            delete_on=clock.today(),
        )
        for person in people
    )


def add_mail(people):
    """One letter that waits, one mail that was sent, one address that rests, for each."""
    now = clock.now()
    for values in ({"channel": "letter"}, {"state": "sent", "sent_at": now}):
        OutgoingMail.objects.bulk_create(
            OutgoingMail(
                kind="members.welcome",
                recipient_key=person.pk,
                address=person.email,
                dedupe_key=f"{person.pk}:{sorted(values)}",
                message_id=f"<{uuid.uuid4().hex}@localhost>",
                created_at=now,
                not_before=now,
                **values,
            )
            for person in people
        )
    AddressTrouble.objects.bulk_create(
        AddressTrouble(address=p.email, recipient_key=p.pk, last_at=now, paused_at=now)
        for p in people
    )


def add_offices(world, count, start):
    """Gliederungen with one ending office each, some of them incomplete."""
    today, level = clock.today(), world.gliederung("Gehrden").level
    for n in range(start, start + count):
        node = create_gliederung(f"Nr{n}", level, world.district.gliederung)
        node.kommunen.add(Kommune.objects.first())
        person = Person.objects.filter(family_name=f"Nr{n}").first()
        make_amt(person, node, "vorsitz", ende=today, pledged_on=today if n % 2 else None)


def count_queries(client_as, page):
    role, name, query = PAGES[page]
    client = client_as(role)
    url = name if name.startswith("/") else reverse(name)
    client.get(url, query)  # the first request fills Django's content type caches
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url, query).status_code == 200
    return asked(captured)


def asked(captured):
    """Every statement of the page; a nested scope exists in tests only."""
    asked = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    asked = [sql for sql in asked if "values ('system:test'" not in sql]
    # Behind the page one statement says whom it showed; it is the same for every page.
    looks = [sql for sql in asked if "insert into members_look" in sql]
    assert len(looks) <= 1
    return [sql for sql in asked if sql not in looks]


def test_every_page_asks_the_same_for_5_and_500_rows(world, client_as, settings):
    """One district grows for all pages: to build it takes longer than to look at them."""
    settings.LOOKS_PER_DAY = 100_000  # how many people a page may show is another test's business
    add_newcomers(world, 5, 0)
    make_mentor("Pate", world.gliederung("Gehrden"))
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    add_offices(world, 3, 0)
    few = {page: count_queries(client_as, page) for page in PAGES}
    add_newcomers(world, 495, 5)
    for n in range(20):
        imports.stage(f"Mitgliedsnummer;Nachname\n{n};X\n".encode(), world.person("staff"))
    mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
    add_offices(world, 40, 5)
    many = {page: count_queries(client_as, page) for page in PAGES}
    more = {page for page in PAGES if len(few[page]) != len(many[page])}
    assert not more, "\n".join([*sorted(more), *(sql for page in more for sql in many[page])])
    assert {page: len(many[page]) for page in PAGES if len(many[page]) > MOST} == {}


def test_the_dry_run_page_asks_the_same_for_few_and_many_rows(world, client_as):
    def staged(rows):
        lines = "".join(f"{n};X\n" for n in range(rows))
        return imports.stage(f"Mitgliedsnummer;Nachname\n{lines}".encode(), None)

    client = client_as("staff")
    counts = []
    for rows in (5, 500):
        url = reverse("members:import_run", args=[staged(rows).pk])
        client.get(url)  # fills caches, as above
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert ImportRun.objects.count() == 2
    assert Onboarding.objects.count() == 3


@pytest.mark.parametrize("role", WITHOUT_EMAIL)
def test_the_call_sheet_of_somebody_without_email_asks_as_little(role, world, client_as):
    onboarding = world.onboarding("newcomer")
    Person.objects.filter(pk=onboarding.person_id).update(email="")
    client, url = client_as(role), reverse("members:newcomer", args=[onboarding.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    assert len(asked(captured)) <= MOST, "\n".join(asked(captured))
