"""The deploy check for what visitors read: silent for real words, a sentence for every other."""

import pytest

from members.checks import PUBLIC, TEMPLATE, check_public_words
from members.models import District

REAL = {
    "party": "Die Neuen",
    "office_name": "Kreisbüro Seenplatte",
    "street": "Seeweg 2",
    "city": "17192 Waren",
    "phone": "03991 2222",
    "email": "kreis@die-neuen.de",
    "responsible": "Kim See, Seeweg 2, 17192 Waren",
    "data_protection": "Kim Fluss, datenschutz@die-neuen.de",
    "authority": "Datenschutzaufsicht Nordland, Seestraße 1, 19053 Schwerin",
}


@pytest.fixture
def real(world):
    District.objects.update(**REAL)
    return world.district


def found(databases=("default",)):
    return [message.msg for message in check_public_words(None, databases=databases)]


def test_real_words_pass(real):
    assert found() == []


def test_every_value_of_the_template_is_named_with_its_setting(real):
    District.objects.update(**{name: TEMPLATE[name] for name in PUBLIC})
    assert len(found()) == len(PUBLIC)
    assert "„Geschäftsstelle“ ist noch ein Platzhalter: Geschäftsstelle Musterstadt" in found()[1]
    assert all(problem.endswith("(Verwaltung → Einstellungen).") for problem in found())


@pytest.mark.parametrize("name", PUBLIC)
def test_an_empty_value_is_named(real, name):
    District.objects.update(**{name: " "})
    label = District._meta.get_field(name).verbose_name
    assert found() == [f"„{label}“ ist leer (Verwaltung → Einstellungen)."]


@pytest.mark.parametrize(
    "words",
    ["TODO", "xxx", "XXXX", "post@example.org", "a@b.example", "Musterstadt", "Muster", "…"]
    + ["Erika Mustermann", "...", "«Name»", "<Name>", "Haus 1, 12345 Musterstadt"],
)
def test_what_looks_like_a_placeholder_is_refused(real, words):
    District.objects.update(responsible=words)
    assert [problem.split(":")[0] for problem in found()] == [
        "„verantwortlich nach § 18 Abs. 2 MStV“ ist noch ein Platzhalter"
    ]


@pytest.mark.parametrize("contact", ["Kim Fluss, 0511 123456", "d@die-neuen.de", "(0511) 12 34-56"])
def test_data_protection_is_reached_by_mail_or_telephone(real, contact):
    District.objects.update(data_protection=contact)
    assert found() == []


def test_a_name_alone_reaches_nobody(real):
    District.objects.update(data_protection="Kim Fluss, Zimmer 12")
    assert found() == [
        "„Datenschutzbeauftragte:r“ hat weder E-Mail noch Telefon: Kim Fluss, Zimmer 12 "
        "(Verwaltung → Einstellungen)."
    ]


def test_without_a_database_or_a_district_nothing_is_said(world, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert found(databases=None) == []
    assert found() != []
    world.district.delete()
    assert found() == []
