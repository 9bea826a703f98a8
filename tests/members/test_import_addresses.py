"""Where somebody lives is kept only for those whom nothing but a letter reaches (R1)."""

from members.models import Person
from members.services.letters import save_address
from tests.members.exports import take_over

HEAD = "Mitgliedsnummer;Nachname;Straße;PLZ;Ort;E-Mail\n"


def stored(name):
    person = Person.objects.get(family_name=name)
    return person.street, person.city


def test_a_street_is_kept_only_without_an_address_for_mail(world):
    rows = "1;Ohne;Weg 1;30989;Gehrden;\n2;Mit;Weg 2;30989;Gehrden;mit@example.org\n"
    take_over((HEAD + rows).encode())

    assert stored("Ohne") == ("Weg 1", "Gehrden")
    assert stored("Mit") == ("", "")


def test_a_street_goes_when_a_mail_address_comes(world):
    take_over((HEAD + "1;Ohne;Weg 1;30989;Gehrden;\n").encode())
    take_over((HEAD + "1;Ohne;Weg 1;30989;Gehrden;jetzt@example.org\n").encode())

    assert stored("Ohne") == ("", "")


def test_a_street_entered_by_hand_stays_while_the_file_has_none(world):
    take_over((HEAD + "1;Ohne;;30989;;\n").encode())
    person = Person.objects.get(family_name="Ohne")
    save_address(person, world.person("staff"), "Ring 3", "30989", "Gehrden")
    take_over((HEAD + "1;Ohne;;30989;;\n").encode())

    assert stored("Ohne") == ("Ring 3", "Gehrden")


def test_a_street_that_is_no_line_is_left_out_and_said(world):
    run = take_over((HEAD + f"1;Ohne;{'x' * 101};30989;Gehrden;\n").encode())

    assert run.counts["new"] == 1
    assert stored("Ohne") == ("", "Gehrden")
