"""What I decide about myself: how you reach me, what I like, what I get."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import policies
from members.forms.accounts import ProfileForm, ShownPhoneForm
from members.forms.answers import AnswersForm
from members.forms.profile import MailChoiceForm, ShiftsForm
from members.http import UserRequest
from members.models import Person, User
from members.services import about_me, answers, certificates, mail_choices, profile
from portal.common.outbox import choices
from portal.common.outbox.forecasts import outlook
from portal.common.scope import scope


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
        "aemter": request.user.current_aemter,
        "entered": answers.entered_for(person),
        "may_see_rights": policies.can_see_rights(request.user),
        "phone_form": _phone_form(person, phone) if phone else None,
        "was_mentor": _was_mentor(request.user),
    }
    return render(request, "members/profile.html", context)


def _was_mentor(user: User) -> bool:
    """Who still is one finds the certificate on the page about it."""
    with scope("system:mentoring"):
        return not user.is_mentor and certificates.is_due(user.person)


def _phone_form(person: Person, phone: str) -> ShownPhoneForm:
    return ShownPhoneForm(initial={"shown_phone": phone, "is_flinta": person.is_flinta})


@require_POST
def profile_phone(request: UserRequest) -> HttpResponse:
    """Choose the number newcomers see, for all own offices at once."""
    form = ShownPhoneForm(request.POST)
    if form.is_valid():
        profile.choose_shown_phone(request.user, **form.cleaned_data)
        messages.success(request, "Gespeichert. Neue Mails zeigen ab jetzt diese Nummer.")
    else:
        messages.error(request, "Bitte wähle eine der drei Möglichkeiten.")
    return redirect("members:profile")


@require_GET
def about(request: UserRequest) -> HttpResponse:
    """„Über mich“: every question with what was said so far, one tap from its page."""
    person = request.user.person
    told = about_me.told(person)
    context = {
        "told": told,
        "is_empty": not any(entry.said for entry in told if entry.section.slug != "mentoring"),
        "has_shifts": about_me.has_shifts(person),
    }
    return render(request, "members/about_me.html", context)


@require_http_methods(["GET", "POST"])
def about_section(request: UserRequest, slug: str) -> HttpResponse:
    """One question; saving it changes this answer and nothing else."""
    person, section = request.user.person, about_me.BY_SLUG.get(slug)
    asked = answers.asked_of(person, section.codes) if section else []
    if section is None or not asked:
        raise Http404
    form = AnswersForm(request.POST if request.method == "POST" else None, asked=asked)
    if request.method == "POST" and form.is_valid():
        answers.answer_alone(person, form.cleaned_data, section.codes)
        messages.success(request, "Gespeichert. Danke!")
        person.refresh_from_db()
        if slug == "freie-zeiten" and about_me.has_shifts(person):
            return redirect("members:my_shifts")
        return redirect("members:about_me")
    return render(request, "members/about_section.html", {"section": section, "form": form})


def shift_letters(person: Person) -> str:
    """Return the plan as it is asked for; 404 for somebody without shifts."""
    asked = answers.asked_of(person, ("shifts",))
    if not asked:
        raise Http404
    return str(asked[0].current)


def copied_week(request: UserRequest) -> int | None:
    """Return the week that is to be made like the one before; None for plain saving."""
    wanted = request.POST.get("kopie", "")
    return int(wanted) if wanted in ("1", "2", "3") else None


@require_http_methods(["GET", "POST"])
def my_shifts(request: UserRequest) -> HttpResponse:
    """Four weeks to tap: Früh, Spät, Nacht, frei."""
    person = request.user.person
    letters = shift_letters(person)
    form = ShiftsForm(request.POST if request.method == "POST" else None, letters=letters)
    if request.method == "POST" and form.is_valid():
        week = copied_week(request)
        answers.answer_alone(person, {"shifts": form.letters(week)}, ("shifts",))
        if week is not None:
            return redirect(f"{request.path}#woche-{week}")
        messages.success(request, "Gespeichert. Danke!")
        return redirect("members:about_me")
    return render(request, "members/shifts.html", {"form": form, "person": person, "is_me": True})


@require_POST
def rather_write(request: UserRequest) -> HttpResponse:
    """„Lieber schreiben“: one tap, and back again with another."""
    wanted = request.POST.get("weg")
    channel = Person.Channel.PHONE if wanted == "phone" else Person.Channel.EMAIL
    codes = ("preferred_channel",)
    answers.answer_alone(request.user.person, {"preferred_channel": channel}, codes)
    if channel == Person.Channel.PHONE:
        messages.success(request, "Alles klar: Wir rufen dich an.")
    else:
        messages.success(request, "Alles klar: Wir schreiben dir.")
    return redirect("dashboards:mein_start")


@require_http_methods(["GET", "POST"])
def my_mail(request: UserRequest) -> HttpResponse:
    """„Was ich bekomme“: a month ahead and back, and which kinds I want at all."""
    person = request.user.person
    chosen = choices.chosen_by(person.pk)
    form = MailChoiceForm(
        request.POST if request.method == "POST" else None,
        kinds=choices.all_choosable(),
        ways=mail_choices.ways_for(person),
        chosen=chosen,
    )
    if request.method == "POST" and form.is_valid():
        mail_choices.choose(person, form.cleaned_data, person)
        messages.success(request, "Gespeichert. Das gilt auch für das, was schon wartet.")
        return redirect("members:my_mail")
    context = {
        "person": person,
        "outlook": outlook(person.pk),
        "is_me": True,
        "form": form,
        "always": mail_choices.always_sent(),
        # A letter was chosen, and nobody knows where to.
        "needs_street": choices.Way.LETTER in chosen.values() and not person.street,
    }
    return render(request, "members/upcoming.html", context)
