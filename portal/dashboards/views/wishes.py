"""What newcomers decide about being contacted, in one tap on *Mein Start*."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from members.http import UserRequest
from members.services import onboarding as service


@require_http_methods(["GET", "HEAD", "POST"])
def contact_again(request: UserRequest) -> HttpResponse:
    """„Ihr dürft mich wieder ansprechen“: takes „Möchte keinen Kontakt“ back."""
    if request.method == "POST":  # the address typed or reloaded: the button is on that page
        service.allow_contact(request.user.person)
        messages.success(request, "Schön. Wir dürfen uns jetzt wieder bei dir melden.")
    return redirect("dashboards:mein_start")
