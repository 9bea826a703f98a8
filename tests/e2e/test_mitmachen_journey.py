"""A newcomer finds a place and asks; the host answers; the newcomer sees it. No JavaScript."""

from playwright.sync_api import expect

from members.models import Meldung, Topic
from tests.e2e.looking import violations
from tests.security.cells_mitmachen import place


def test_a_newcomer_taps_the_host_answers_and_the_newcomer_sees_it(
    live_server, live_world, open_page
):
    topic = Topic.objects.all()[0]
    place(live_world).topics.add(topic)
    newcomer = open_page(live_server.url, live_world.user("newcomer"), java_script_enabled=False)
    newcomer.goto("/start/")
    newcomer.get_by_role("navigation", name="Hauptmenü").get_by_text("Mit").last.click()
    newcomer.get_by_role("button", name=topic.name).click()
    expect(newcomer.get_by_role("button", name=topic.name)).to_have_attribute(
        "aria-pressed", "true"
    )
    fits = newcomer.get_by_role("region", name="Das passt zu dir")
    expect(fits).to_contain_text(topic.name)
    fits.get_by_role("link", name="Klimatreff").click()
    newcomer.get_by_role("button", name="Sag mir Bescheid").click()
    expect(newcomer.get_by_role("status").first).to_contain_text("Member meldet sich bis")

    host = open_page(live_server.url, live_world.user("member"))
    host.goto("/orte/")
    host.get_by_role("link", name="Jemand fragt nach „Klimatreff“").click()
    expect(host.get_by_role("article")).to_contain_text("Newcomer")
    assert list(violations(host)) == []
    host.get_by_role("button", name="Habe geantwortet").click()
    expect(host.get_by_role("status")).to_contain_text("Newcomer weiß jetzt Bescheid")
    host.get_by_role("button", name="Zurücknehmen").click()
    host.get_by_role("button", name="Habe geantwortet").click()

    newcomer.goto("/orte/")
    expect(newcomer.get_by_role("region", name="Du wartest auf Bescheid")).to_contain_text(
        "Beantwortet am"
    )
    meldung = Meldung.objects.get()
    assert meldung.answered_by == live_world.person("member")
