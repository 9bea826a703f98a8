"""Privacy papers: what everybody may read, and what the office and data protection work with."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from members.http import UserRequest, require
from members.models import District
from members.policies import can_manage_organisation, can_read_papers
from portal.common import clock
from portal.dashboards.papers import pdf, shelf
from portal.dashboards.papers.document import DRAFT, House
from portal.dashboards.papers.shelf import Paper


def _public(request: HttpRequest, code: str) -> HttpResponse:
    paper = _find(code)
    # Everybody may read this, also before the district is set up.
    house = House.of(District.objects.select_related("gliederung__level").first())
    context = {"paper": paper, "blocks": paper.build(house), "note": DRAFT}
    return render(request, "dashboards/paper_public.html", context)


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What members are told about their data."""
    return _public(request, "hinweise-mitglieder")


@login_not_required
@require_GET
def privacy_citizens(request: HttpRequest) -> HttpResponse:
    """What everybody else is told, with Sie."""
    return _public(request, "hinweise-interessierte")


@login_not_required
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return _public(request, "barrierefreiheit")


@require_GET
def papers(request: UserRequest) -> HttpResponse:
    """All papers, to read and to file."""
    require(can_read_papers(request.user))
    may_change = can_manage_organisation(request.user)
    return render(
        request, "dashboards/papers.html", {"papers": shelf.PAPERS, "may_change": may_change}
    )


def _find(code: str) -> Paper:
    paper = shelf.find(code)
    if paper is None:
        raise Http404
    return paper


def _note() -> str:
    return f"{DRAFT}. Stand: {clock.today():%d.%m.%Y}"


@require_GET
def paper(request: UserRequest, code: str) -> HttpResponse:
    require(can_read_papers(request.user))
    found = _find(code)
    context = {
        "paper": found,
        "blocks": found.build(House.of(request.user.district)),
        "note": _note(),
    }
    return render(request, "dashboards/paper.html", context)


@require_GET
def paper_pdf(request: UserRequest, code: str) -> HttpResponse:
    require(can_read_papers(request.user))
    found = _find(code)
    response = HttpResponse(
        pdf.as_pdf(found.name, _note(), found.build(House.of(request.user.district))),
        content_type="application/pdf",
    )
    response["Content-Disposition"] = f'attachment; filename="{found.code}.pdf"'
    return response
