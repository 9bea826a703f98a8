"""What a mentor may talk about in which month: a help for the talk, never a task."""

from datetime import date

MONTHS = (
    (
        "Womit kam der Wunsch, dabei zu sein?",
        "Was soll in einem halben Jahr anders sein?",
        "Wie und wann wollt ihr euch melden?",
    ),
    (
        "Geht zusammen zu einem Treffen im Ortsverein.",
        "Wer entscheidet hier was? Erzähl, wie du es selbst gelernt hast.",
    ),
    (
        "Welches Thema liegt dir am Herzen, und wer kümmert sich hier darum?",
        "Stell eine Person vor, die dazu etwas weiß.",
    ),
    (
        "Was war bisher gut, was war komisch?",
        "Sucht eine kleine Aufgabe, die in zwei Stunden zu schaffen ist.",
    ),
    (
        "Besucht einen Ausschuss oder eine Ratssitzung.",
        "Was würdest du hier ändern, wenn du könntest?",
    ),
    (
        "Schaut zurück: Was wolltet ihr, was ist geworden?",
        "Mit wem bleibst du in Kontakt, wenn unser Tandem endet?",
    ),
)


def prompts_for(started_on: date, today: date) -> tuple[str, ...]:
    """The questions of this month of the tandem; after the last month those of the last."""
    month = max(0, (today - started_on).days // 30)
    return MONTHS[min(month, len(MONTHS) - 1)]
