"""The guide for the first talk: boxes to tick, nothing to type (domain.md B9)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from members.labels import EXPECTATIONS, MOTIVES, SKILLS
from members.models import Onboarding, Person, Topic
from portal.common.forms import PortalFormMixin

STILL_OPEN = ("", "noch offen")


def _ticks(label: str, choices: dict[str, str]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        show_hidden_initial=True,
    )


def _one_of(label: str, choices: Iterable[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[*choices, STILL_OPEN],
        required=False,
        widget=forms.RadioSelect,
        show_hidden_initial=True,
    )


class FirstTalkForm(PortalFormMixin, forms.Form):
    """What the talk found out. Only what was changed here is saved.

    What stood in the boxes is sent along, so that an old page undoes nobody's own ticks.
    """

    motives = _ticks("Warum bist du eingetreten?", MOTIVES)
    expectations = _ticks("Was erwartest du von uns?", EXPECTATIONS)
    topics = forms.ModelMultipleChoiceField(
        label="Welche Themen liegen dir am Herzen?",
        queryset=Topic.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        show_hidden_initial=True,
    )
    skills = _ticks("Was kannst du gut?", SKILLS)
    time_budget = _one_of("Wie viel Zeit hast du?", Person.Time.choices)
    wish = _one_of("Wie aktiv willst du sein?", Person.Wish.choices)

    def __init__(
        self, *args: Any, onboarding: Onboarding, topics: Iterable[Topic], **kwargs: Any
    ) -> None:
        person = onboarding.person
        kwargs["initial"] = {
            "motives": onboarding.motives,
            "expectations": onboarding.expectations,
            "topics": [topic.pk for topic in topics],
            "skills": person.skills,
            "time_budget": person.time_budget,
            "wish": person.wish,
        }
        super().__init__(*args, **kwargs)
        offered: Any = self.fields["topics"]
        offered.queryset = Topic.objects.filter(is_offered=True).order_by("position")

    def shown(self) -> list[SafeString]:
        """Hidden fields that say what the page showed."""
        return [field.as_hidden(only_initial=True) for field in self]

    def changed(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}
