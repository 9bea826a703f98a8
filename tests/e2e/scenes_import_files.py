"""Upload and mapping in states that the matrix alone does not reach."""

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from members.models import ImportRun
from portal.common import clock
from tests.e2e.scenes import LONG, Scene, fill, nothing
from tests.security.cells_import_files import mapping
from tests.world import World


def _mapping(world: World) -> str:
    return reverse("members:import_mapping", kwargs=mapping(world))


def _submit(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form .btn-main").first.click()


def _refused(world: World) -> str:
    run = ImportRun.objects.create(
        state=ImportRun.State.DISCARDED,
        reason=f"Die Spalte „{LONG}“ kommt mehrfach vor.",
        created_at=clock.now(),
    )
    return reverse("members:import_check", args=[run.pk])


def _late(world: World) -> str:
    run = ImportRun.objects.create(
        state=ImportRun.State.UPLOADED, created_at=clock.now().replace(year=2025)
    )
    return reverse("members:import_check", args=[run.pk])


def scenes() -> Iterator[Scene]:
    yield Scene("members:import_mapping", "errors", "staff", _mapping, nothing, _submit)
    yield Scene("members:import_check", "refused", "staff", _refused, fill)
    yield Scene("members:import_check", "late", "staff", _late, nothing)
