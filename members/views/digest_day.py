"""How often the collected reminders come: one choice of people with an office."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.forms.digests import DigestDayForm
from members.http import UserRequest, require
from members.services import digests


@require_http_methods(["GET", "HEAD", "POST"])
def digest_day(request: UserRequest) -> HttpResponse:
    """Every working day, or on one weekday (R8)."""
    require(bool(request.user.current_aemter))
    person = request.user.person
    form = DigestDayForm(request.POST or None, initial={"digest_day": person.digest_day})
    if request.method == "POST" and form.is_valid():
        digests.choose_day(person, form.cleaned_data["digest_day"])
        messages.success(request, "Gespeichert. Das gilt ab der nächsten Mail.")
        return redirect("members:profile")
    return render(request, "members/digest_day.html", {"form": form, "person": person})
