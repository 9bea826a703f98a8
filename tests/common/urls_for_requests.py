"""Pages that write, fail or read late, for the tests of the request's transaction."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path

from members.models import Gliederung
from portal.common import audit
from portal.common.scope import current_scope

TEMPLATE = "{{ scope }}|{{ in_transaction }}|{% for p in places %}{{ p.name }}{% endfor %}"


@login_not_required
def answer(request, status):
    """Write something, then answer as asked."""
    audit.record("test.written", None)
    return HttpResponse("answered", status=status)


@login_not_required
def crash(request):
    audit.record("test.written", None)
    raise ZeroDivisionError


@login_not_required
def break_the_transaction(request):
    """Leave the transaction of the request unusable, then fail."""
    audit.record("test.written", None)
    with connection.cursor() as cursor:
        cursor.execute("select 1 / 0")


@login_not_required
def late(request):
    """Touch the database only when the page is rendered."""
    context = {
        "places": Gliederung.objects.filter(name="Gehrden"),
        "scope": current_scope,
        "in_transaction": lambda: connection.in_atomic_block,
    }
    return TemplateResponse(request, engines["django"].from_string(TEMPLATE), context)


@login_not_required
def crash_while_rendering(request):
    audit.record("test.written", None)
    context = {"broken": lambda: 1 // 0}
    return TemplateResponse(request, engines["django"].from_string("{{ broken }}"), context)


urlpatterns = [
    path("answer/<int:status>/", answer),
    path("crash/", crash),
    path("crash/rendering/", crash_while_rendering),
    path("crash/transaction/", break_the_transaction),
    path("late/", late),
]
handler500 = "portal.dashboards.errors.server_error"
