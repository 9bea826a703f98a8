"""Texts that staff write: placeholders only, nothing is evaluated, mistakes are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common.outbox import kinds, languages, render, texts
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder, Wording, fill, problems
from tests.common.facts import facts

NAME = Placeholder("vorname", "Vorname", "Kim")
LINK = Placeholder("link", "Link", "https://x.example/", is_needed=True, is_link=True)
PHONE = Placeholder("telefon", "Telefon", "0511", may_be_empty=True)
DATES = Placeholder("termine", "Termine", "- a", may_be_empty=True, is_list=True)
ALL = (NAME, LINK, PHONE, DATES)
VALUES = {"vorname": "Kim", "link": "https://x.example/", "telefon": "", "termine": "- a\n- b"}


def test_a_line_with_an_empty_placeholder_is_left_out():
    text = "Hallo {vorname},\n\nTelefon: {telefon}\n\nBis bald\n{termine}"

    assert fill(text, ALL, VALUES) == "Hallo Kim,\n\nBis bald\n- a\n- b"


def test_a_condition_shows_nothing_but_decides_about_its_line():
    text = "{wenn_neu}Neu!\n{wenn_alt}Alt!"

    assert fill(text, (), {"wenn_neu": True, "wenn_alt": False}) == "Neu!"


@given(value=st.text(max_size=40))
def test_a_value_is_never_read_as_a_text(value):
    filled = fill("A {vorname} B", ALL, VALUES | {"vorname": f"x{value}{{link}}"})

    assert len(filled.splitlines()) == 1
    assert filled.count("{link}") == 1


@given(text=st.text(st.sampled_from("{}vorname \n_%.[]()!:"), max_size=80))
def test_a_text_without_problems_can_always_be_filled(text):
    wording = Wording("Hallo", f"{{link}}\n{text}")

    if problems(wording, ALL, letter=False) == []:
        assert "{" not in fill(wording.body, ALL, VALUES)


GOOD = "Hallo {vorname}\n{link}"


@pytest.mark.parametrize(
    ("subject", "body", "wrong"),
    [
        ("Hallo", "{link} {strasse}", "Den Platzhalter {strasse} gibt es hier nicht"),
        ("Hallo", "{link} {{ settings.SECRET_KEY }}", "Geschweifte Klammern"),
        ("Hallo", "{link} {vorname.__class__}", "gibt es hier nicht"),
        ("Hallo", "{link} }", "Geschweifte Klammern"),
        ("Hallo", "Hallo {vorname}", "Der Platzhalter {link} fehlt"),
        ("Hallo\nBcc: evil@example.org", GOOD, "in einer Zeile"),
        ("Hallo\u2028X", GOOD, "in einer Zeile"),
        ("Willkommen in der SPD", GOOD, "nicht verraten"),
        ("Deine Mitgliedschaft", GOOD, "nicht verraten"),
        ("Hallo {telefon}", GOOD, "passt nicht in den Betreff"),
        ("x" * 121, GOOD, "Der Betreff ist zu lang"),
        ("Hallo", GOOD + "x" * 6000, "Der Text ist zu lang"),
        ("", GOOD, "dürfen nicht leer sein"),
        ("Hallo", "{link} {telefon}", "zwei Zeilen"),
        ("Hallo", "{link}\nAlso {termine}", "eine Zeile für sich allein"),
    ],
)
def test_a_mistake_is_told_in_words(subject, body, wrong):
    found = problems(Wording(subject, body), ALL, letter=False)

    assert [problem for problem in found if wrong in problem] == found[-1:]


def test_paper_needs_no_links():
    assert problems(Wording("Hallo", "Hallo {vorname}"), ALL, letter=True) == []


# --- Which text is used ---------------------------------------------------------------------


@pytest.fixture
def by(world):
    return world.person("staff").pk


def written(mail_kind, language, channel="mail"):
    kind = mail_kind(f"test.{language}.{channel}", context=lambda _: facts(language=language))
    return render.write(OutgoingMail(kind=kind.code, channel=channel), kind)


MINE = Wording("Moin {vorname}", "Moin {vorname}\n{wenn_ohne_ansprechperson}X\n{ansprechperson}")
FULL = MINE.body + "\n{einladung}\n{niemand_gemeldet}\n{impressum}"


def save(mail_kind, by, language, channel="mail"):
    kind = mail_kind("test.edited", context=lambda _: facts(language=language))
    texts.save(kind, channel, language, Wording(MINE.subject, FULL), by)
    return kind


def test_what_staff_wrote_is_sent_until_it_is_reset(mail_kind, by):
    kind = save(mail_kind, by, "de")
    row = OutgoingMail(kind=kind.code, channel="mail")
    assert render.write(row, kind).text.subject == "Moin Kim"

    texts.reset(kind, "mail", "de", by)

    assert render.write(row, kind).text.subject == "Schön, dass du da bist, Kim"


def test_a_new_language_reads_easy_german_until_its_text_is_written(mail_kind, by):
    texts.add_language("tr", "Türkçe", by)
    assert ("tr", "Türkçe") in languages.choices()
    assert written(mail_kind, "tr").language == "leicht"

    kind = save(mail_kind, by, "tr")

    found = render.write(OutgoingMail(kind=kind.code, channel="mail"), kind)
    assert (found.language, found.text.subject) == ("tr", "Moin Kim")


def test_own_easy_german_comes_before_the_shipped_one(mail_kind, by):
    kind = save(mail_kind, by, "leicht")

    assert texts.find(kind, "mail", "tr").wording.subject == MINE.subject
    assert texts.find(kind, "letter", "tr").wording.subject != MINE.subject


def test_a_refused_text_is_not_stored(mail_kind, by):
    kind = mail_kind()

    with pytest.raises(texts.TextRefused, match="fehlt"):
        texts.save(kind, "mail", "de", MINE, by)

    assert texts.find(kind, "mail", "de").wording.subject == "Schön, dass du da bist, {vorname}"


def test_every_shipped_text_can_be_previewed(db):
    for kind in kinds.all_kinds():
        for channel in ("mail", "letter"):
            for language in ("de", "leicht", "en"):
                found = texts.find(kind, channel, language).wording
                shown = render.filled(kind, found, texts.samples(kind, letter=channel == "letter"))
                assert "{" not in shown.subject + shown.body
