"""What a newcomer can do from the first mail, before any login (R2, R3, R10)."""

from collections.abc import Callable
from datetime import timedelta

from members.models import District, Onboarding, Person, WaveReply
from members.queries.waves import can_meet
from members.services import onboarding as service
from members.services import waves
from portal.common import audit, clock, links
from portal.common.outbox import languages

LIVES = timedelta(days=180)
# „Melde dich, wann du willst“ is meant.
KEPT_LETTER = timedelta(days=730)


def _running(subject: str) -> Onboarding | None:
    return Onboarding.objects.running().select_related("person").filter(pk=subject).first()


def _can_ask(subject: str) -> Onboarding | None:
    """Also when nothing is open any more because nobody reached them."""
    onboarding = Onboarding.objects.select_related("person").filter(pk=subject).first()
    return onboarding if onboarding and service.can_ask_for_call(onboarding) else None


def _ask_nobody_called(subject: str) -> str | None:
    if _can_ask(subject) is None:
        return None
    return (
        "Hat sich bei dir noch niemand gemeldet? Das tut uns leid. "
        "Sag uns hier Bescheid, dann kümmert sich jemand anderes darum."
    )


def _nobody_called(subject: str) -> str:
    return _call("Danke, dass du Bescheid sagst. Wir kümmern uns darum.", subject)


def _ask_call_again(subject: str) -> str | None:
    if _can_ask(subject) is None:
        return None
    return "Sollen wir dich noch einmal anrufen? Wir melden uns dann in den nächsten zwei Wochen."


def _call_again(subject: str) -> str:
    return _call("Schön, dass du dich meldest. Wir rufen dich an.", subject)


def _call(answer: str, subject: str) -> str:
    onboarding = _can_ask(subject)
    if onboarding:
        service.ask_for_call(onboarding)
    return f"{answer} Wenn es eilig ist, ruf uns an: {District.current().phone}."


def _ask_rather_write(subject: str) -> str | None:
    if _running(subject) is None:
        return None
    return "Möchtest du lieber schreiben als telefonieren? Dann meldet sich jemand per E-Mail."


def _rather_write(subject: str) -> str:
    onboarding = _running(subject)
    if onboarding:
        _change(onboarding.person, preferred_channel=Person.Channel.EMAIL)
    return "Alles klar: Wir schreiben dir. Das kannst du jederzeit wieder ändern."


def _change(person: Person, **values: str) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=list(values))
    audit.record("person.changed_by_link", person.pk, person, values)


# What is asked and answered in the language itself; others are asked in German.
LANGUAGE_WORDS = {
    languages.GERMAN: (
        "Sollen wir dir auf Deutsch schreiben?",
        "Gut. Wir schreiben dir ab jetzt auf Deutsch.",
    ),
    languages.EASY: (
        "Sollen wir dir in einfachem Deutsch schreiben?",
        "Gut. Wir schreiben dir ab jetzt in einfachem Deutsch.",
    ),
    languages.ENGLISH: (
        "Shall we write to you in English?",
        "Done. From now on we write to you in English.",
    ),
}


def _language_words(code: str) -> tuple[str, str]:
    name = languages.name_of(code)
    others = (f"Unsere Sprache für dich: {name}?", f"Gut. Deine Sprache ist ab jetzt: {name}.")
    return LANGUAGE_WORDS.get(code, others)


def _ask_language(subject: str) -> str | None:
    pk, _, code = subject.partition(":")
    return _language_words(code)[0] if _running(pk) else None


def _choose_language(subject: str) -> str:
    pk, _, code = subject.partition(":")
    onboarding = _running(pk)
    if onboarding:
        _change(onboarding.person, language=code)
    return _language_words(code)[1]


links.register(
    links.LinkAction("nobody-called", "Bescheid sagen", LIVES, _ask_nobody_called, _nobody_called)
)
links.register(
    links.LinkAction("call-again", "Ja, ruft mich an", KEPT_LETTER, _ask_call_again, _call_again)
)
links.register(
    links.LinkAction(
        "rather-write", "Ja, lieber schreiben", LIVES, _ask_rather_write, _rather_write
    )
)
links.register(links.LinkAction("language", "OK", LIVES, _ask_language, _choose_language))


# --- Answers to the invitation of a wave ------------------------------------------------------


def _invited(subject: str) -> Onboarding | None:
    onboarding = _running(subject)
    return onboarding if onboarding and onboarding.wave_id else None


def _ask_to_come(subject: str) -> str | None:
    onboarding = _invited(subject)
    if onboarding is None or not can_meet(onboarding.wave, clock.now()):
        return None
    return "Kommst du zum Treffen? Sag uns Bescheid, dann freuen wir uns auf dich."


def _reconnect(answer: str, said: str) -> Callable[[str], str]:
    def act(subject: str) -> str:
        onboarding = _invited(subject)
        if onboarding is None:
            return "Hier ist nichts mehr offen."
        waves.reply(onboarding, answer)
        return said

    return act


def _ask(question: str) -> Callable[[str], str | None]:
    return lambda subject: question if _invited(subject) else None


links.register(
    links.LinkAction(
        "reconnect-call",
        "Ja, ruft mich an",
        LIVES,
        _ask("Sollen wir dich anrufen? Dann meldet sich jemand aus deiner Nähe bei dir."),
        _reconnect(
            WaveReply.Answer.CALL,
            "Schön! Jemand aus deiner Nähe ruft dich in den nächsten Tagen an.",
        ),
    )
)
links.register(
    links.LinkAction(
        "reconnect-meeting",
        "Ich komme zum Treffen",
        LIVES,
        _ask_to_come,
        _reconnect(
            WaveReply.Answer.COMES,
            "Schön, dass du kommst! Wir freuen uns auf dich. Absagen geht jederzeit am Telefon.",
        ),
    )
)
links.register(
    links.LinkAction(
        "reconnect-no",
        "Lieber nicht",
        LIVES,
        _ask(
            "Möchtest du lieber keine Einladung? Du bleibst Mitglied wie bisher, "
            "und wir fragen dich nicht noch einmal."
        ),
        _reconnect(
            WaveReply.Answer.NO,
            "Alles klar, danke für deine Antwort. Es bleibt alles, wie es ist. "
            "Wenn du es dir anders überlegst, ruf uns gern an.",
        ),
    )
)
