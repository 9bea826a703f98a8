"""The words around „Bist du angekommen?“ in the languages we ship."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PulseWords:
    """„Bist du angekommen?“ and the sentence before the consent, in one language (R10)."""

    question: str
    thanks: str
    change: str
    consent: str
    yes: str
    no: str
    told: str
    untold: str
    answers: dict[str, str]


PULSE_WORDS = {
    "de": PulseWords(
        question="Bist du bei uns angekommen?",
        thanks="Danke. Du hast geantwortet:",
        change="Doch anders? Ein Tipp genügt.",
        consent=(
            "Darf deine Ansprechperson das wissen? Dann ruft sie dich an. "
            "Ohne dein Ja erfährt es bei dir vor Ort niemand."
        ),
        yes="Ja, sie darf es wissen",
        no="Nein, das bleibt bei mir",
        told="Deine Ansprechperson weiß Bescheid und meldet sich bei dir.",
        untold="Das bleibt bei dir. Niemand bei dir vor Ort erfährt davon.",
        answers={"ja": "Ja", "eher-ja": "Eher ja", "eher-nein": "Eher nein", "nein": "Nein"},
    ),
    "leicht": PulseWords(
        question="Fühlst du dich wohl bei uns?",
        thanks="Danke. Deine Antwort ist:",
        change="Stimmt das nicht? Dann tippe auf eine andere Antwort.",
        consent=(
            "Dürfen wir das deiner Ansprechperson sagen? Sie ruft dich dann an. "
            "Sagst du nicht Ja? Dann erfährt es niemand in deinem Ort."
        ),
        yes="Ja, sagt es ihr",
        no="Nein, sagt es niemandem",
        told="Deine Ansprechperson weiß es jetzt. Sie ruft dich an.",
        untold="Wir sagen es niemandem in deinem Ort.",
        answers={"ja": "Ja", "eher-ja": "Eher ja", "eher-nein": "Eher nein", "nein": "Nein"},
    ),
    "en": PulseWords(
        question="Have you found your place with us?",
        thanks="Thank you. You answered:",
        change="Changed your mind? One tap is enough.",
        consent=(
            "May your contact know this? Then they will call you. "
            "Without your yes nobody in your area learns about it."
        ),
        yes="Yes, they may know",
        no="No, keep it to yourselves",
        told="Your contact knows and will get in touch with you.",
        untold="Nobody in your area learns about it.",
        answers={"ja": "Yes", "eher-ja": "Rather yes", "eher-nein": "Rather no", "nein": "No"},
    ),
}


def pulse_words(language: str) -> PulseWords:
    """Return the words of this language; missing ones fall back to easy German."""
    return PULSE_WORDS.get(language, PULSE_WORDS["leicht"])
