"""The real pages, and three that break with somebody's data in the exception."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal import urls

CANARY = "Zzkanarie"
INSERT = (
    "insert into common_language (id, code, name, position) "
    "values (gen_random_uuid(), %(name)s, '', 1), (gen_random_uuid(), %(name)s, '', 2)"
)


@login_not_required
def crash(request: HttpRequest, kind: str) -> HttpResponse:
    """Break as a form, the database and a view do, each quoting what was typed."""
    typed = request.POST.get("name", CANARY)
    if kind == "unique":
        with connection.cursor() as cursor:
            cursor.execute(INSERT, {"name": typed})
    if kind == "form":
        raise ValidationError({"email": f"{typed}@example.org is already used"})
    raise RuntimeError(f"no place for {typed}")


urlpatterns = [*urls.urlpatterns, path("crash/<str:kind>/", crash, name="crash")]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
