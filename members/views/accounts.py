"""Getting in for the first time."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members.forms.accounts import PasswordForm
from members.http import sign_in
from members.services import invitations
from portal.common.errors import DomainError
from portal.common.scope import scope


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:door")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form; POST makes the login. An expired link offers a new one."""
    try:
        found = invitations.find(token)
    except invitations.InvitationInvalid:
        return render(request, "members/invitation_invalid.html", status=404)
    if invitations.has_expired(found):
        return render(request, "members/invitation_expired.html", {"token": token})
    form = PasswordForm(request.POST or None, person=found.person)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitations.accept(found, form.cleaned_data["password"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            sign_in(request, user, "password")
            messages.success(request, "Schön, dass du da bist. Dein Zugang ist eingerichtet.")
            return redirect("dashboards:home")
    context = {"form": form, "first_name": found.person.first_name, "email": found.person.email}
    return render(request, "members/invitation.html", context)


@login_not_required
@require_POST
@scope("system:door")
def invitation_again(request: HttpRequest, token: str) -> HttpResponse:
    """Send a fresh link to the address on file; the answer is the same for every link."""
    invitations.ask_again(token)
    return render(request, "members/invitation_again.html")


@login_not_required
@require_GET
def invitation_needed(request: HttpRequest) -> HttpResponse:
    """There is no sign-up; this page says how a login comes about."""
    return render(request, "members/invitation_needed.html")
