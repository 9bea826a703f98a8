"""What our forms say in the place of Django's stock phrases."""

import re

import pytest
from django import forms
from django.template.loader import render_to_string
from django.urls import reverse

from members.models import Gliederung
from portal.common.forms import PortalFormMixin

PASSWORD = "ein langer Satz über Rüben"


class Sample(PortalFormMixin, forms.Form):
    who = forms.CharField(label="Welche Person?")
    place = forms.ModelChoiceField(label="Ort", queryset=Gliederung.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["late"] = forms.CharField(label="Name")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_field_the_form_adds_to_itself_speaks_like_the_others(world):
    form = Sample({})
    assert {name: list(errors) for name, errors in form.errors.items()} == {
        "who": ["Bitte ausfüllen."],
        "place": ["Bitte ausfüllen."],
        "late": ["Bitte ausfüllen."],
    }


def test_the_list_of_errors_does_not_repeat_a_label_that_asks(world):
    shown = words(render_to_string("partials/errors.html", {"form": Sample({})}))
    assert shown == "Bitte ausfüllen. Ort: Bitte ausfüllen. Name: Bitte ausfüllen."


def test_a_select_says_what_to_do_instead_of_dashes(world):
    assert list(Sample().fields["place"].choices) == [("", "Bitte wählen")]


@pytest.mark.parametrize("section", ["personen", "gliederungen", "aemter"])
def test_no_select_of_the_office_starts_with_dashes(section, client_as):
    url = reverse("dashboards:verwaltung_new", args=[section])
    assert "---------" not in client_as("staff").get(url).content.decode()


def test_a_new_password_is_asked_for_in_our_sentence_without_a_list_of_rules(world, client):
    user = world.user("member")
    user.set_password(PASSWORD)
    user.save()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    page = client.get(reverse("account_change_password")).content.decode()
    assert ("Mindestens 12 Zeichen" in page, page.count("<li>Das Passwort")) == (True, 0)
