"""Getting in for the first time, and what I decide about myself."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members.forms.accounts import PasswordForm, ProfileForm, ShownPhoneForm
from members.http import UserRequest, sign_in
from members.services import answers, invitations, profile
from members.services.reference import MESSENGER
from portal.common import consents
from portal.common.errors import DomainError
from portal.common.models import Consent


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
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
def invitation_again(request: HttpRequest, token: str) -> HttpResponse:
    """Send a fresh link to the address on file; the answer is the same for every link."""
    invitations.ask_again(token)
    return render(request, "members/invitation_again.html")


@login_not_required
@require_GET
def invitation_needed(request: HttpRequest) -> HttpResponse:
    """There is no sign-up; this page says how a login comes about."""
    return render(request, "members/invitation_needed.html")


@require_http_methods(["GET", "POST"])
def profile_page(request: UserRequest) -> HttpResponse:
    """„Ich“: how you reach me, and what I am in this portal."""
    person = request.user.person
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        profile.save_profile(form.save(commit=False), form.changed_data)
        messages.success(request, "Gespeichert.")
        return redirect("members:profile")
    phone = profile.shown_phone(request.user)
    context = {
        "form": form,
        "person": person,
        "membership": person.memberships.filter(has_ended=False).first(),
        "aemter": request.user.current_aemter,
        "consent": consents.standing(person.pk, MESSENGER, person.language),
        "entered": answers.entered_for(person),
        "phone_form": ShownPhoneForm(initial={"shown_phone": phone}) if phone else None,
    }
    return render(request, "members/profile.html", context)


@require_POST
def profile_consent(request: UserRequest) -> HttpResponse:
    """Give or take back one consent; both are one tap."""
    person = request.user.person
    if request.POST.get("answer") == "yes":
        channel = Consent.Channel.ONLINE
        consents.give(person.pk, MESSENGER, person.language, channel, person.pk)
        messages.success(request, "Danke. Das kannst du hier jederzeit zurücknehmen.")
    else:
        consents.withdraw(person.pk, MESSENGER, person.pk)
        messages.success(request, "Zurückgenommen. Niemand schreibt dir mehr über Messenger.")
    return redirect("members:profile")


@require_POST
def profile_phone(request: UserRequest) -> HttpResponse:
    """Choose the number newcomers see, for all own offices at once."""
    form = ShownPhoneForm(request.POST)
    if form.is_valid():
        profile.choose_shown_phone(request.user, form.cleaned_data["shown_phone"])
        messages.success(request, "Gespeichert. Neue Mails zeigen ab jetzt diese Nummer.")
    else:
        messages.error(request, "Bitte wähle eine der drei Möglichkeiten.")
    return redirect("members:profile")
