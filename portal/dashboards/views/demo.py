"""Pages that exist in demo mode only."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from portal.common.scope import scope
from portal.dashboards.demo import mailbox, roles


@login_not_required
@require_POST
@scope("system:demo")
def demo_login(request: HttpRequest) -> HttpResponse:
    """One tap per role, second factor included. Exists in demo mode only."""
    if not settings.DEMO:
        raise Http404
    if not roles.sign_in(request, request.POST.get("role", "")):
        raise Http404
    # The page a mail's link led to; never one of somebody else's site.
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return redirect(page if is_ours else "dashboards:home")


@login_not_required
@require_GET
def demo_mailbox(request: HttpRequest) -> HttpResponse:
    """What the local mail sink received. Exists in demo mode only."""
    if not settings.DEMO:
        raise Http404
    name = request.GET.get("mail", "")
    context = {"mails": mailbox.newest(50), "mail": mailbox.read(name) if name else None}
    return render(request, "dashboards/demo_mailbox.html", context)
