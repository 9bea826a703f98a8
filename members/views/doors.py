"""Doors that are open to everybody: help with getting in, and the way to an invitation."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from members.forms.access import EmailForm, JoinForm, OneTimeForm
from members.http import sign_in
from members.services import invitations, recovery, signing_in
from portal.common.scope import scope


@login_not_required
@require_GET
def locked_out(request: HttpRequest) -> HttpResponse:
    """„Ich komme nicht rein“: every way back, the quickest first."""
    return render(request, "members/locked_out.html")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:door")
def call_back(request: HttpRequest) -> HttpResponse:
    """Ask for a call; the number is the stored one, so none is asked for here."""
    form = EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        signing_in.ask_for_call(form.cleaned_data["email"])
        return render(request, "members/call_back_done.html")
    return render(request, "members/call_back.html", {"form": form})


@login_not_required
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:door")
def one_time(request: HttpRequest) -> HttpResponse:
    """Address and code from the telephone: in, for setting up a new second factor."""
    form = OneTimeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = recovery.redeem(given["email"], given["code"], given["password"])
        except recovery.CodeRefused as refusal:
            form.add_error(None, str(refusal))
        except recovery.PasswordNeeded as refusal:
            form.add_error("password", str(refusal))
        else:
            logout(request)
            sign_in(request, user, "one_time")
            messages.success(request, "Du bist wieder drin.")
            return redirect("dashboards:home")
    return render(request, "members/one_time.html", {"form": form})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@scope("system:door")
def join(request: HttpRequest) -> HttpResponse:
    """„Ich bin Mitglied und möchte mitmachen“: the same answer for everybody."""
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        invitations.ask_to_join(form.cleaned_data["number"], form.cleaned_data["proof"])
        return render(request, "members/join_done.html")
    return render(request, "members/join.html", {"form": form})
