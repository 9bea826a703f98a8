"""The sentences of a page follow the reader's language and are data (R10)."""

import pytest
from django.urls import reverse

from members.models import Person
from portal.common.models import Language, MailText
from portal.common.outbox import page_texts, texts, wording
from portal.dashboards.page_texts import MEIN_START

LANGUAGES = ("de", "leicht", "en")
FACTS = {
    "vorname": "Kim",
    "ansprechperson": "Alex",
    "tag": "3. Dezember",
    "wieder_da": "9. Dezember",
    "im_portal_seit": "1. Dezember",
}


def test_every_page_is_there_in_three_languages_with_the_same_sentences():
    wrong = {
        (page.code, language): problems
        for page in page_texts.all_pages()
        for language in LANGUAGES
        if (text := texts.shipped(page, texts.MAIL, language)) is None
        or (
            problems := wording.problems(text, page.placeholders, letter=False)
            + page.problems(text)
        )
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("language", "title", "question", "html"),
    [
        ("de", "Hallo Newcomer", "Was interessiert dich?", "de"),
        ("leicht", "Hallo Newcomer", "Was interessiert dich?", "de"),
        ("en", "Hello Newcomer", "What are you interested in?", "en"),
        ("uk", "Hallo Newcomer", "Was interessiert dich?", "de"),
    ],
)
def test_mein_start_speaks_the_reader_s_language(language, title, question, html, world, client_as):
    Person.objects.filter(pk=world.person("newcomer").pk).update(language=language)
    page = client_as("newcomer").get(reverse("dashboards:mein_start"))
    body = page.content.decode()
    assert title in body
    assert question in body
    assert f'<div class="narrow" lang="{html}">' in body
    said = page.context["words"].said
    heading = {"de": "Deine Ansprechperson", "en": "The person who looks after you"}
    assert said["wer"] == heading.get(language, "Diese Person ist für dich da")


GERMAN_ON_THE_PAGE = ("spätestens", "Erstes Gespräch", "Jemand bei dir vor Ort", "Dezember")


def test_the_promises_are_said_in_english_and_staff_s_own_words_stay(world, client_as):
    person = world.person("newcomer")
    Person.objects.filter(pk=person.pk).update(language="en")
    url = reverse("dashboards:mein_start")
    page = client_as("newcomer").get(url)
    promises = page.context["promises"]
    assert [one.title for one in promises] == ["First talk", "Membership book", "Second talk"]
    german = page.content.decode().replace(str(world.gliederung("Gehrden")), "")
    assert [word for word in GERMAN_ON_THE_PAGE if word in german] == []

    first = world.onboarding("newcomer").milestones.get(code="erstkontakt")
    first.title = "Kaffee mit Alex"
    first.save()
    page = client_as("newcomer").get(url)
    assert page.context["promises"][0].title == "Kaffee mit Alex"


def test_every_sentence_has_words_whoever_the_contact_is(world):
    for language in LANGUAGES:
        said = page_texts.words(MEIN_START, language, FACTS).said
        assert [key for key, sentence in said.items() if not sentence] == []
    nobody = page_texts.words(MEIN_START, "de", FACTS | {"ansprechperson": ""}).said
    assert nobody["meldet_sich_bis"] == ""


def test_staff_write_a_sentence_anew_and_readers_see_it(world, client_as):
    shipped = texts.shipped(MEIN_START, texts.MAIL, "de")
    body = shipped.body.replace("wer: Deine Ansprechperson", "wer: Für dich da")
    url = reverse("members:text", args=[MEIN_START.code, "mail", "de"])
    client_as("staff").post(url, {"subject": "Moin {vorname}", "body": body, "speichern": "ja"})
    page = client_as("newcomer").get(reverse("dashboards:mein_start")).content.decode()
    assert "Moin Newcomer" in page
    assert "Für dich da" in page


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda body: body.replace("mehr: Mehr für dich\n", ""), "Die Zeile „mehr: …“ fehlt."),
        (lambda body: f"{body}\nunsinn: Hallo", "Die Zeile „unsinn“ kennt diese Seite nicht."),
        (lambda body: f"{body}\nohne Doppelpunkt", "Die Zeile „ohne Doppelpunkt“ kennt"),
        (lambda body: f"{body}\nwer: {{nachname}}", "Den Platzhalter {nachname} gibt es hier"),
    ],
)
def test_a_page_that_would_lose_a_sentence_is_refused_in_words(change, complaint, world, client_as):
    body = change(texts.shipped(MEIN_START, texts.MAIL, "de").body)
    url = reverse("members:text", args=[MEIN_START.code, "mail", "de"])
    page = client_as("staff").post(url, {"subject": "Hallo", "body": body, "speichern": "ja"})
    assert complaint in page.content.decode()
    assert MailText.objects.count() == 0


def test_a_sentence_that_came_later_is_shown_although_an_own_text_lacks_it(world):
    Language.objects.create(code="tr", name="Türkçe")
    MailText.objects.create(
        kind=MEIN_START.code,
        channel="mail",
        language="tr",
        subject="Merhaba {vorname}",
        body="mehr: Daha fazla",
        changed_at="2026-01-01T00:00Z",
    )
    words = page_texts.words(MEIN_START, "tr", FACTS)
    assert (words.title, words.said["mehr"]) == ("Merhaba Kim", "Daha fazla")
    assert words.said["wer"] == "Diese Person ist für dich da"


def test_a_page_is_never_a_letter(world, client_as):
    url = reverse("members:text", args=[MEIN_START.code, "letter", "de"])
    assert client_as("staff").get(url).status_code == 404
