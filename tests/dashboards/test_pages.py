import re
import uuid
from datetime import timedelta

import pytest
from django.test import override_settings
from django.urls import reverse

from members.models import Amt, District, Gliederung, Onboarding, Person
from members.services import onboarding as service
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from portal.dashboards.demo import district, file, roles
from tests.world import canary


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("newcomer", "/start/"),
        ("member", "/start/"),
        ("ansprechperson", "/heute/"),
        ("vorsitz", "/heute/"),
        ("staff", "/uebersicht/"),
        ("coordinator", "/mentoring/"),
        ("ex_officer", "/start/"),
        ("bezirk", "/start/"),
    ],
)
def test_everybody_lands_on_their_own_home(role, home, client_as):
    assert client_as(role).get("/").url == home


@pytest.mark.parametrize("role", ["newcomer", "ansprechperson", "vorsitz", "coordinator", "member"])
def test_nobody_outside_the_office_sees_more_than_four_doors(role, client_as):
    doors = client_as(role).get("/", follow=True).context["doors"]
    assert 1 <= len(doors) <= 4


def test_every_door_opens(client_as):
    for role in ("newcomer", "ansprechperson", "coordinator", "staff"):
        client = client_as(role)
        for door in client.get("/", follow=True).context["doors"]:
            assert client.get(door.url).status_code == 200, (role, door.label)


def test_mein_start_names_the_contact_and_the_number_they_chose(world, client_as):
    Amt.objects.filter(person=world.person("ansprechperson")).update(shown_phone="office")
    body = client_as("newcomer").get("/start/").content.decode()
    assert canary("ansprechperson") in body
    assert 'href="tel:0511123456"' in body


def test_a_contact_who_shows_no_number_is_not_given_one(world, client_as):
    contact = world.person("ansprechperson")
    contact.mobile = "+49 151 99999999"
    contact.save()
    Amt.objects.filter(person=contact).update(shown_phone="none")
    body = client_as("newcomer").get("/start/").content.decode()
    assert "99999999" not in body
    assert "ruft dich an" in body


def test_nobody_called_can_be_said_with_one_tap(world, client_as):
    client = client_as("newcomer")
    client.post(reverse("dashboards:nobody_called"))
    assert world.onboarding("newcomer").asked_for_call_at is not None
    assert "Wir kümmern uns darum" in client.get("/start/").content.decode()


def test_the_address_of_nobody_called_leads_to_the_page_and_says_nothing(world, client_as):
    assert client_as("newcomer").get(reverse("dashboards:nobody_called")).url == "/start/"
    assert world.onboarding("newcomer").asked_for_call_at is None


def test_the_number_of_the_office_is_called_so_and_an_own_one_is_not(world, client_as):
    contact = world.person("ansprechperson")
    contact.mobile = "+49 151 99999999"
    contact.save()
    seen = {}
    for shown in ("office", "own"):
        Amt.objects.filter(person=contact).update(shown_phone=shown)
        body = client_as("newcomer").get("/start/").content.decode()
        seen[shown] = re.search(r'btn-quiet" href="tel:[^"]+">\s+(\w*)', body).group(1)
    assert seen == {"office": "Geschäftsstelle", "own": "Anrufen"}


def test_only_who_is_called_is_asked_whether_they_prefer_writing(world, client_as):
    seen = {}
    for channel in ("phone", "email"):
        Person.objects.filter(pk=world.person("newcomer").pk).update(preferred_channel=channel)
        seen[channel] = "Lieber schreiben" in client_as("newcomer").get("/start/").content.decode()
    assert seen == {"phone": True, "email": False}


def test_every_note_about_me_is_on_my_page(world, client_as):
    onboarding = world.onboarding("newcomer")
    for result, note in (("not_reached", "ging nicht dran"), ("reached", "mag Züge")):
        talk = service.Talk("call", result, uuid.uuid4(), note)
        service.log_contact(onboarding, world.person("ansprechperson"), talk)
    body = client_as("newcomer").get("/start/").content.decode()
    assert "ging nicht dran" in body
    assert "mag Züge" in body


def test_a_contact_whose_office_ended_is_not_named_any_more(world, client_as):
    Amt.objects.filter(person=world.person("ansprechperson")).update(
        ende=clock.today() - timedelta(days=1)
    )
    body = client_as("newcomer").get("/start/").content.decode()
    assert canary("ansprechperson") not in body
    assert canary("deputy") in body


def test_a_member_without_onboarding_has_a_page_too(client_as):
    assert "schon angekommen" in client_as("member").get("/start/").content.decode()


def test_the_profile_changes_channel_and_language_only(world, client_as):
    client_as("newcomer").post(
        reverse("members:profile"),
        {
            "preferred_channel": "email",
            "language": "en",
            "email": "boese@example.org",
            "gliederung": str(world.gliederung("Uetze").pk),
            "family_name": "Anders",
        },
    )
    person = world.person("newcomer")
    assert (person.preferred_channel, person.language) == ("email", "en")
    assert (person.email, person.gliederung.name) == ("zznewcomer@example.org", "Gehrden")


def test_a_contact_chooses_the_number(world, client_as):
    client = client_as("ansprechperson")
    client.post(reverse("members:profile_phone"), {"shown_phone": "own"})
    assert Amt.objects.get(person=world.person("ansprechperson")).shown_phone == "own"
    client.post(reverse("members:profile_phone"), {"shown_phone": "everybody"})
    assert Amt.objects.get(person=world.person("ansprechperson")).shown_phone == "own"


def test_public_pages_work_before_the_district_is_set_up(db, client):
    Onboarding.objects.all().delete()
    District.objects.all().delete()
    for name in ("home", "help", "imprint", "privacy", "accessibility"):
        assert client.get(reverse(f"dashboards:{name}")).status_code == 200


def test_the_imprint_names_who_is_responsible(world, client):
    body = client.get(reverse("dashboards:imprint")).content.decode()
    for fact in ("§ 5 DDG", "§ 18 Abs. 2 MStV", "Erika Test", "Testweg 1", "office@example.org"):
        assert fact in body


# --- Demo -------------------------------------------------------------------------------------


@pytest.fixture
def demo(db):
    """The demo builds its own district, so the tests' world makes room."""
    Onboarding.objects.all().delete()
    from members.models import Membership, Mentor, Person, User

    for model in (Mentor, User, Amt, Membership, Person, District):
        model.objects.all().delete()
    for node in Gliederung.objects.order_by("-path"):
        node.delete()
    from members.models import Level

    Level.objects.all().delete()
    assert district.build() is True


def test_the_demo_has_something_to_see_on_every_page(demo, client):
    assert district.build() is False
    with override_settings(DEMO=True):
        numbers = {}
        for role in roles.ROLES:
            client.post(reverse("dashboards:demo_login"), {"role": role.code})
            response = client.get("/", follow=True)
            assert response.status_code == 200, role.code
            numbers[role.code] = response.context
        overview = numbers["geschaeftsstelle"]["overview"].numbers
        assert {code for code, n in overview.items() if n == 0} <= {"gefragt", "mail-fehler"}
        assert len(numbers["ansprechperson"]["day"].calls) >= 2
        assert len(numbers["vorsitz"]["day"].calls) >= 1
        assert numbers["neumitglied"]["contact"].full_name == "Petra Lindner"
        chain = numbers["datenschutz"]["chain"]
        assert (chain.problem, chain.checked.seals > 0) == ("", True)
        assert numbers["datenschutz"]["missed_count"] > 0
    decided = Onboarding.objects.filter(person__gliederung__isnull=False, wave=None)
    assert OutgoingMail.objects.filter(kind="members.welcome").count() == decided.count()


def test_the_demo_file_is_a_real_export_of_invented_people(demo):
    from portal.common import clock

    content = file.as_csv(50, clock.today())
    assert content == file.as_csv(50, clock.today())
    text = content.decode("cp1252")
    addresses = re.findall(r"[^;]+@[^;]+", text)
    assert {address.rpartition("@")[2] for address in addresses} == {"example.org"}


def test_the_foreign_layout_of_the_demo_file_has_to_be_mapped(demo):
    from members.imports import columns, reader
    from portal.dashboards.demo import file

    for content in (
        file.as_csv(5, clock.today(), foreign=True),
        file.as_xlsx(5, clock.today(), foreign=True),
    ):
        assert columns.recognised(reader.open_sheet(content).header) == {}
    assert len(reader.read(file.as_xlsx(5, clock.today())).lines) == 5
