"""Papers made from the registries: complete, current, and saying what the law asks for."""

import re
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from members.models import Amt, District
from portal.common import retention
from portal.common.fields import FieldClass
from portal.dashboards.papers import derive, shelf
from portal.dashboards.papers.activities import ACTIVITIES, PARTY
from portal.dashboards.papers.document import DRAFT, House, Table
from portal.dashboards.papers.goals import MEANING, SHORT, Goal
from portal.dashboards.papers.markdown import as_markdown
from portal.dashboards.papers.risks import LATER, RISKS
from tests.conftest import BACKEND
from tests.world import canary, make_amt, make_person, make_user

ROOT = Path(__file__).resolve().parents[2]
CODES = [paper.code for paper in shelf.PAPERS]


def text_of(code: str) -> str:
    return shelf.committed(shelf.find(code))


# --- Complete -----------------------------------------------------------------------------------


def test_every_model_about_people_belongs_to_exactly_one_activity():
    assert list(derive.problems()) == []


def test_a_model_in_none_in_two_or_unknown_is_named():
    first, second, *rest = ACTIVITIES
    lost = replace(first, models=first.models[1:])
    doubled = replace(second, models=(*second.models, first.models[1], "members.Nobody"))
    said = list(derive.problems((lost, doubled, *rest)))
    assert said[0].startswith("members.Person gehört zu keiner Verarbeitung")
    assert said[2].startswith("members.Nobody in „ankommen“ gibt es nicht")
    assert said[1] == "members.Membership steht mehrfach: mitglieder, ankommen."
    assert len(said) == 3


def test_a_table_about_nobody_belongs_to_no_activity():
    mistaken = replace(ACTIVITIES[0], models=(*ACTIVITIES[0].models, "members.Topic"))
    assert [said.split()[0] for said in derive.problems((mistaken, *ACTIVITIES[1:]))] == [
        "members.Topic"
    ]


def test_every_kind_of_data_but_facts_about_places_has_a_german_name():
    assert set(FieldClass) - set(derive.CATEGORIES) == {FieldClass.PUBLIC}


def test_every_activity_says_why_for_whom_and_on_what_basis():
    for activity in ACTIVITIES:
        bases = activity.basis + activity.citizens_basis
        assert activity.purpose, activity.code
        assert activity.people, activity.code
        assert derive.recipients(activity), activity.code
        assert any(basis.startswith("Art. 6") for basis in bases), activity.code
        # Being known here is a political opinion, whatever kind of data it is.
        assert any(basis.startswith("Art. 9") for basis in bases), activity.code
        assert bool(activity.citizens_basis) == bool(activity.to_citizens), activity.code
        # For somebody who is no member the party's own ground does not carry.
        assert PARTY not in activity.citizens_basis, activity.code
        assert activity.to_members or activity.to_citizens, activity.code


def test_every_deletion_rule_stands_in_the_concept_once():
    rows = re.findall(r"\| ([a-z_.]+) \|$", text_of("loeschkonzept"), re.MULTILINE)
    assert sorted(rows) == sorted(rule.code for rule in retention.rules())
    claimed = [code for activity in ACTIVITIES for code in activity.rules]
    assert [code for code in claimed if retention.find(code) is None] == []


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (timedelta(hours=1), "1 Stunde"),
        (timedelta(hours=24), "24 Stunden"),
        (timedelta(days=4), "4 Tage"),
        (timedelta(days=90), "90 Tage"),
        (relativedelta(months=1), "1 Monat"),
        (relativedelta(months=12), "12 Monate"),
        (relativedelta(months=24), "2 Jahre"),
        (relativedelta(years=3), "3 Jahre"),
    ],
)
def test_a_period_is_said_as_people_say_it(period, words):
    assert derive.in_words(period) == words


def test_a_changed_rule_changes_every_paper_that_speaks_of_it(monkeypatch):
    rule = retention.find("mail.body")
    monkeypatch.setitem(retention._rules, rule.code, replace(rule, period=timedelta(days=15)))
    stale = {paper.code for paper in shelf.stale()}
    assert stale == {
        "verzeichnis",
        "loeschkonzept",
        "hinweise-mitglieder",
        "hinweise-interessierte",
    }


# --- Current ------------------------------------------------------------------------------------


def test_the_committed_papers_say_what_the_program_does():
    """Red? `make manage CMD='papers --write'`, read the difference, commit it."""
    assert [paper.file.name for paper in shelf.stale()] == []
    assert sorted(path.name for path in shelf.FOLDER.glob("*.md")) == sorted(
        paper.file.name for paper in shelf.PAPERS
    )


def test_the_command_names_and_renews_what_is_stale(tmp_path, monkeypatch):
    monkeypatch.setattr(shelf, "FOLDER", tmp_path / "datenschutz")
    with pytest.raises(CommandError, match=r"verzeichnis\.md"):
        call_command("papers", stdout=StringIO())
    call_command("papers", "--write", stdout=StringIO())
    out = StringIO()
    call_command("papers", stdout=out)
    assert out.getvalue() == "Alle Papiere sind aktuell.\n"
    (tmp_path / "datenschutz" / "verzeichnis.md").write_text("von Hand", encoding="utf-8")
    with pytest.raises(CommandError, match=r"Nicht mehr aktuell: verzeichnis\.md\."):
        call_command("papers", stdout=StringIO())


@pytest.mark.parametrize("code", CODES)
def test_every_paper_is_marked_as_a_draft_and_names_no_district(code, world):
    text = text_of(code)
    assert text.splitlines()[2] == f"> **{DRAFT}**"
    named = [word for word in ("SPD", "Hannover", "Ortsverein", "Unterbezirk") if word in text]
    assert named == []


def test_every_setting_that_belongs_into_a_paper_is_a_gap_until_it_is_filled():
    everything = "".join(text_of(code) for code in CODES)
    for name in House.__dataclass_fields__:
        assert getattr(House(), name) in everything, name


# --- What the law asks for ----------------------------------------------------------------------

ARTICLE_13 = {
    "controller": r"verantwortlich",
    "DPO": r"Datenschutzbeauftragte",
    "purposes": r"wozu",
    "basis, Art. 6": r"Art\. 6 Abs\. 1 lit\. \w",
    "basis, Art. 9": r"Art\. 9 Abs\. 2 lit\. \w",
    "recipients": r"Wer es sieht",
    "third countries": r"außerhalb der EU",
    "periods": r"\d+ (Tage|Monate|Jahre) nach",
    "access and portability": r"Art\. 15 und 20",
    "rectification": r"Berichtigung",
    "erasure": r"Löschung",
    "restriction": r"Einschränkung",
    "objection": r"Widerspruch",
    "withdrawal": r"Widerruf",
    "complaint": r"Aufsichtsbehörde",
    "is it required": r"freiwillig|müssen nichts angeben",
    "no automated decision": r"Kein Computer entscheidet",
    "cookies": r"§ 25 Abs\. 2 TDDDG",
}


@pytest.mark.parametrize("code", ["hinweise-mitglieder", "hinweise-interessierte"])
def test_a_notice_has_everything_article_13_asks_for(code):
    text = text_of(code)
    assert [item for item, words in ARTICLE_13.items() if not re.search(words, text)] == []


def test_a_notice_for_members_says_where_the_data_come_from():
    assert "Mitgliederverwaltung der Partei" in text_of("hinweise-mitglieder")


def test_members_are_addressed_with_du_and_everybody_else_with_sie():
    assert re.findall(r"\b(Sie|Ihnen|Ihre?n?)\b", _own_words("hinweise-mitglieder")) == []
    assert re.findall(r"\b(du|dich|dir|deine?)\b", _own_words("hinweise-interessierte")) == []


def _own_words(code: str) -> str:
    """Without the titles of rules, which may quote a question somebody was asked."""
    text = re.sub(r"„[^“]*“", "", text_of(code))
    return re.sub(r"\bSie\b(?= sagt| melde)", "", text)


def test_the_record_has_everything_article_30_asks_for():
    text = text_of("verzeichnis")
    for number, activity in enumerate(ACTIVITIES, 1):
        part = text.split(f"### {number}. {activity.name}")[1].split("###")[0]
        for word in ("Zweck", "Betroffene", "Kategorien von Daten", "Empfänger", "Löschung"):
            assert re.search(rf"\*\*{word}:\*\* \S", part), (activity.code, word)
    for word in ("Verantwortlich", "Auftragsverarbeiter", "Drittländer", "Art. 32"):
        assert word in text


def test_the_impact_assessment_weighs_forty_risks_against_seven_goals():
    assert [risk.number for risk in RISKS] == list(range(1, 41))
    assert set(MEANING) == set(SHORT) == set(Goal)
    assert {goal for risk in RISKS for goal in risk.goals} == set(Goal)
    text = text_of("folgenabschaetzung")
    for risk in RISKS:
        assert f"| {risk.code} | {risk.text} |" in text


def test_every_measure_names_a_test_that_exists():
    missing = [
        (risk.code, proof)
        for risk in RISKS
        for proof in risk.proof
        if f"def {proof.partition('::')[2]}(" not in _source(proof.partition("::")[0])
    ]
    assert missing == []
    assert [risk.code for risk in RISKS if bool(risk.proof) == (risk.measure == LATER)] == []


def _source(path: str) -> str:
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_the_accessibility_statement_is_honest():
    text = text_of("barrierefreiheit")
    for words in (r"Screenreader", r"noch nicht gut", r"Stand: \d", r"14 Tagen", r"WCAG 2\.2"):
        assert re.search(words, text), words
    assert "steht noch aus" in text


def test_a_line_of_a_table_stays_one_line():
    text = as_markdown("x", (), [Table("t", ("a", "b"), (("1|2", ""),))])
    assert text.splitlines()[-1] == "| 1/2 | – |"


# --- Pages --------------------------------------------------------------------------------------

PUBLIC = ["dashboards:privacy", "dashboards:privacy_citizens", "dashboards:accessibility"]
FOOTER = ["dashboards:imprint", "dashboards:privacy", "dashboards:accessibility"]
OPEN_PAGES = [*PUBLIC, "dashboards:home", "dashboards:help", "dashboards:imprint"]
OPEN_PAGES += ["members:interest", "members:join", "members:locked_out", "account_login"]


@pytest.mark.parametrize("name", OPEN_PAGES)
def test_every_public_page_leads_to_the_three_legal_pages(name, world, client):
    body = client.get(reverse(name)).content.decode()
    footer = body[body.index("<footer>") :]
    for legal in FOOTER:
        assert f'href="{reverse(legal)}"' in footer
        assert client.get(reverse(legal)).status_code == 200


def test_the_public_form_leads_to_the_notice_for_those_who_fill_it_in(world, client):
    notice = reverse("dashboards:privacy_citizens")
    assert f'href="{notice}"' in client.get(reverse("members:interest")).content.decode()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_says_whom_to_ask(name, world, client):
    body = client.get(reverse(name)).content.decode()
    assert 'href="mailto:office@example.org"' in body
    assert "0511 123456" in body
    assert "«" not in body
    assert "abzustimmen" in body


@pytest.mark.parametrize("name", PUBLIC[:2])
def test_a_notice_names_protection_and_authority_of_this_district(name, world, client):
    District.objects.update(authority="Aufsicht Nordland, Seestraße 1")
    body = client.get(reverse(name)).content.decode()
    for words in ("dsb@example.org", "Aufsicht Nordland, Seestraße 1", "SPD Unterbezirk Region"):
        assert words in body


def test_an_empty_setting_is_a_gap_and_no_empty_sentence(world, client):
    District.objects.update(authority=" ")
    assert "«Aufsichtsbehörde»" in client.get(reverse("dashboards:privacy")).content.decode()


def test_before_the_district_is_set_up_the_pages_stand(world, client):
    District.objects.all().delete()
    for name in PUBLIC:
        assert client.get(reverse(name)).status_code == 200


def test_the_imprint_keeps_to_both_laws(world, client):
    body = client.get(reverse("dashboards:imprint")).content.decode()
    for words in ("§ 5 DDG", "§ 18 Abs. 2 MStV", "Erika Test", "0511 123456", "office@example.org"):
        assert words in body


@pytest.mark.parametrize("code", CODES)
def test_the_office_reads_each_paper_and_takes_it_along(code, world, client_as):
    staff = client_as("staff")
    assert (
        reverse("dashboards:paper", args=[code])
        in staff.get(reverse("dashboards:papers")).content.decode()
    )
    body = staff.get(reverse("dashboards:paper", args=[code])).content.decode()
    assert DRAFT in body
    assert [role for role in ("newcomer", "member", "mentor") if canary(role) in body] == []
    pdf = staff.get(reverse("dashboards:paper_pdf", args=[code]))
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Disposition"] == f'attachment; filename="{code}.pdf"'


def test_a_paper_that_does_not_exist_is_not_found(world, client_as):
    for name in ("dashboards:paper", "dashboards:paper_pdf"):
        assert client_as("staff").get(reverse(name, args=["gibt-es-nicht"])).status_code == 404


def test_data_protection_finds_the_papers_at_home_and_nothing_that_is_closed(world, client_as):
    client = client_as("privacy")
    home = client.get("/", follow=True)
    assert home.resolver_match.view_name == "dashboards:data_protection"
    cards = [card.url for card in home.context["cards"]]
    assert reverse("dashboards:papers") in cards
    page = client.get(reverse("dashboards:papers"))
    assert page.status_code == 200
    assert "Einstellungen" not in page.content.decode()
    assert client.get(reverse("dashboards:paper", args=["verzeichnis"])).status_code == 200
    assert client.get(reverse("dashboards:verwaltung")).status_code == 403
    assert "Einstellungen" not in client.get(reverse("dashboards:papers")).content.decode()


def test_without_the_second_factor_data_protection_reads_nothing(world):
    person = make_person("Zzdatenschutz")
    make_amt(person, world.gliederung("Region"), Amt.Kind.DATENSCHUTZ)
    client = Client()
    client.force_login(make_user(person, second_factor=False), backend=BACKEND)
    assert client.get(reverse("dashboards:papers")).url == reverse("mfa_choose")
