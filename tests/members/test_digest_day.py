"""When the collected reminders come is the reader's own choice (R8)."""

import pytest
from django.urls import reverse

from members.forecasts import collected_mail
from portal.common import clock
from portal.common.quiet import is_quiet_day
from tests.members.digest_help import DAY


def page(client):
    return client.get(reverse("members:profile")).content.decode()


def test_a_contact_chooses_a_weekday(world, client_as):
    client = client_as("ansprechperson")
    assert page(client).count("jeden Werktag, wenn es etwas gibt") == 1

    client.post(reverse("members:digest_day"), {"digest_day": "2"})

    assert world.person("ansprechperson").digest_day == "2"
    assert page(client).count("nur mittwochs") == 1


@pytest.mark.parametrize("wrong", ["6", "sonntags", ""])
def test_nonsense_is_refused_in_words_and_changes_nothing(world, client_as, wrong):
    answer = client_as("ansprechperson").post(reverse("members:digest_day"), {"digest_day": wrong})

    assert (answer.status_code, answer.context["form"].is_valid()) == (200, False)
    assert world.person("ansprechperson").digest_day == "daily"


def test_who_holds_no_office_is_not_asked(client_as):
    client = client_as("newcomer")

    assert page(client).count("Meine Erinnerungen") == 0
    assert client.get(reverse("members:digest_day")).status_code == 403


def test_the_forecast_names_the_next_day_on_which_one_may_come(world):
    person = world.person("ansprechperson")
    person.digest_day = "3"
    person.save()

    (coming,) = collected_mail(person.pk, clock.today() + 30 * DAY)

    assert coming.day.weekday() == 3
    assert not is_quiet_day(coming.day)
    assert coming.note == "nur donnerstags, wenn es etwas gibt"
    assert list(collected_mail(world.person("newcomer").pk, clock.today())) == []
