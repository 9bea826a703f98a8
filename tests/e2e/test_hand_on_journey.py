"""„Diese Woche geht nichts“: the deputy sees the newcomers, until it is taken back."""

from playwright.sync_api import expect


def test_one_tap_hands_over_and_one_tap_takes_back(live_server, live_world, open_page):
    name = live_world.person("newcomer").full_name
    petra = open_page(live_server.url, live_world.user("ansprechperson"), java_script_enabled=False)
    deputy = open_page(live_server.url, live_world.user("deputy"), java_script_enabled=False)
    newcomer = open_page(live_server.url, live_world.user("newcomer"), java_script_enabled=False)

    petra.goto("/heute/")
    expect(petra.get_by_role("article").filter(has_text=name)).to_have_count(1)
    petra.get_by_role("button", name="Diese Woche geht nichts").click()
    expect(petra.get_by_role("status")).to_contain_text("kommt alles von allein zu dir zurück")
    expect(petra.get_by_role("article").filter(has_text=name)).to_have_count(0)

    deputy.goto("/heute/")
    expect(deputy.get_by_role("article").filter(has_text=name)).to_have_count(1)
    newcomer.goto("/start/")
    expect(newcomer.get_by_text("springt ein bis")).to_be_visible()
    expect(
        newcomer.get_by_role("heading", name=live_world.person("deputy").full_name)
    ).to_be_visible()

    petra.get_by_role("button", name="Ich bin wieder da").click()
    expect(petra.get_by_role("article").filter(has_text=name)).to_have_count(1)
    deputy.goto("/heute/")
    expect(deputy.get_by_role("article").filter(has_text=name)).to_have_count(0)


def test_one_newcomer_is_handed_on_and_fetched_back(live_server, live_world, open_page):
    onboarding = live_world.onboarding("newcomer")
    page = open_page(live_server.url, live_world.user("ansprechperson"), java_script_enabled=False)
    page.goto(f"/neumitglieder/{onboarding.pk}/")
    button = page.get_by_role("button", name="Kann jemand anders")
    assert button.bounding_box()["height"] >= 46
    button.click()
    expect(page.get_by_role("status")).to_contain_text(live_world.person("deputy").full_name)
    page.get_by_role("button", name="zu mir zurückholen").click()
    expect(page.get_by_role("status")).to_contain_text("ist wieder bei dir")
