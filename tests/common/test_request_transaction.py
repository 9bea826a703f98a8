"""One transaction around view and rendering; what ends in a 5xx has never happened."""

import pytest

from portal.common.models import AuditEvent

pytestmark = pytest.mark.urls("tests.common.urls_for_requests")


@pytest.fixture
def pages(live_world, client):
    """A client whose requests really commit and that gets the 500 page instead of the error."""
    client.raise_request_exception = False
    return client


def written():
    return AuditEvent.objects.filter(code="test.written").count()


@pytest.mark.logs_errors
@pytest.mark.parametrize(("status", "kept"), [(200, 1), (400, 1), (409, 1), (500, 0), (503, 0)])
def test_only_an_answer_below_500_keeps_what_was_written(pages, status, kept):
    assert pages.get(f"/answer/{status}/").status_code == status

    assert written() == kept


@pytest.mark.logs_errors
@pytest.mark.parametrize("path", ["/crash/", "/crash/rendering/", "/crash/transaction/"])
def test_an_error_keeps_nothing_and_shows_the_error_page(pages, path):
    response = pages.get(path)

    assert response.status_code == 500
    assert response.content.decode().count("<h1>Das hat nicht geklappt</h1>") == 1
    assert written() == 0


def test_a_page_is_rendered_inside_the_transaction(pages):
    assert pages.get("/late/").content.decode() == "request|True|Gehrden"


@pytest.mark.parametrize("path", ["/late/?q=%00", "/late/?q=a%00b", "/late/%00"])
def test_a_nul_byte_in_the_address_is_refused(pages, path):
    assert pages.get(path).status_code == 400


def test_a_nul_byte_in_a_form_is_refused(pages):
    assert pages.post("/answer/200/", {"name": "Kim\x00"}).status_code == 400
    assert pages.post("/answer/200/", {"name": ["Kim", "a\x00"]}).status_code == 400
    form = pages.post(
        "/answer/200/", "name=Kim%00", content_type="application/x-www-form-urlencoded"
    )
    assert form.status_code == 400
    assert written() == 0
    assert pages.post("/answer/200/", {"name": "Kim"}).status_code == 200
