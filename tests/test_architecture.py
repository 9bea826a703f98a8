"""Rules about the code itself."""

import re
from pathlib import Path

from django.apps import apps

from portal.common.fields import personal, rules
from portal.common.outbox import kinds, texts, wording
from portal.common.scope import ScopedManager

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "members", "events", "campaigns")


def sources():
    for app in APPS:
        yield from (ROOT / app).rglob("*.py")


def test_no_file_is_longer_than_400_lines():
    long = {
        str(path.relative_to(ROOT)): count
        for path in [*sources(), *(ROOT / "tests").rglob("*.py")]
        if "migrations" not in path.parts
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_views_never_start_from_all_objects_of_personal_models():
    personal = "Person|Onboarding|Milestone|Contact|Membership"
    forbidden = re.compile(rf"\b({personal})\.objects\.(?!visible_to)")
    hits = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        if "views" in path.parts or path.name == "views.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert hits == []


def test_every_template_is_used():
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in (*APPS, "templates")
        for suffix in ("*.py", "*.html", "*.txt")
        for path in (ROOT / folder).rglob(suffix)
    )
    # allauth asks for these by name; mails are found by kind, language and part.
    given = ("account/", "mfa/", "mails/")
    unused = [
        name
        for path in (ROOT / "templates").rglob("*.html")
        if not (name := str(path.relative_to(ROOT / "templates"))).startswith(given)
        and name not in text
        and f'_public("{path.stem}")' not in text
    ]
    assert unused == []


def test_nothing_marks_text_as_safe_html():
    hits = [
        str(path.relative_to(ROOT))
        for path in [*sources(), *(ROOT / "templates").rglob("*.html")]
        if re.search(r"mark_safe|\|safe\b|autoescape off", path.read_text(encoding="utf-8"))
    ]
    assert hits == []


# Small tables read on every request, without anything beyond ids; and the packages' own.
WITHOUT_SCOPE = {
    "members.User",
    "members.Amt",
    "members.Session",
    "common.AuditEvent",
    "common.Consent",
    "account.EmailAddress",
    "account.EmailConfirmation",
    "mfa.Authenticator",
}


def test_every_personal_table_refuses_queries_outside_a_scope():
    open_tables = {
        label
        for label in personal()
        if not isinstance(apps.get_model(label)._default_manager, ScopedManager)
    }
    assert open_tables == WITHOUT_SCOPE


def test_every_field_is_classified():
    ours = {"common", "members", "events", "campaigns", "dashboards", "account", "mfa"}
    stored = {
        model._meta.label: {
            field.name for field in [*model._meta.concrete_fields, *model._meta.many_to_many]
        }
        for model in apps.get_models()
        if model._meta.app_label in ours
    }
    classified = {label: set(rule.fields) for label, rule in rules().items()}
    assert classified == stored


def test_every_mail_kind_has_texts_that_staff_could_save(db):
    """Shipped texts keep the rules of the form, in every language there is."""
    problems = {
        (kind.code, channel, language): wrong
        for kind in kinds.all_kinds()
        for channel in (texts.MAIL, texts.LETTER)
        for language in ("de", "leicht", "en")
        if (text := texts.shipped(kind, channel, language))
        and (wrong := wording.problems(text, kind.placeholders, letter=channel == texts.LETTER))
    }
    assert problems == {}
    for kind in kinds.all_kinds():
        assert texts.find(kind, texts.LETTER, "xx").language == "leicht"
