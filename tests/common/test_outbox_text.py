"""What a mail looks like when it arrives, and what nobody can smuggle into it."""

import email
import email.policy
import re
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import login_code
from members.models import User
from members.services.invitations import ensure_invitation, token
from members.services.welcome import queue_welcomes
from portal.common.local import mailbox
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.render import BLANKED, render
from portal.common.outbox.services import Draft, drain, queue
from tests.common.facts import HOUSE, facts

# Every text may have been replaced by staff, so the database is always asked.
pytestmark = pytest.mark.django_db
PARTY_WORDS = re.compile(r"SPD|Partei|Mitglied|member|Ortsverein|Genoss", re.IGNORECASE)


def only_mail(sink):
    (path,) = mailbox.messages(sink)
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def part(message, kind):
    return message.get_body((kind,)).get_content()


def rendered(kind, **changes):
    row = OutgoingMail(id=uuid.uuid4(), kind=kind.code, address="kim@example.org")
    row.message_id = f"<{row.pk.hex}@localhost>"
    context = kind.context
    result = render(row, kind)
    assert kind.context is context
    return result


@pytest.fixture
def welcomed(world, sink):
    """The welcome of the cast's newcomer, as it arrived."""
    queue_welcomes([world.onboarding("newcomer")])
    drain()
    return only_mail(sink)


def test_the_welcome_arrives_as_text_and_as_html_saying_the_same(welcomed):
    assert welcomed.get_content_type() == "multipart/alternative"
    text, html = part(welcomed, "plain"), part(welcomed, "html")
    links = re.findall(r"https?://\S+", text)
    assert len(links) == 6
    assert [link for link in links if html.count(link) != 1] == []
    assert text.splitlines()[0] == "Hallo Newcomer,"
    assert html.count("<p>Hallo Newcomer,</p>") == 1


def test_the_headers_name_one_recipient_a_stable_id_and_a_machine(welcomed, world):
    row = OutgoingMail.objects.get(recipient_key=world.person("newcomer").pk)

    names = ("To", "X-Sink-To", "Cc", "Bcc", "Message-ID", "Auto-Submitted")
    assert {name: welcomed[name] for name in names} == {
        "To": world.person("newcomer").email,
        "X-Sink-To": world.person("newcomer").email,
        "Cc": None,
        "Bcc": None,
        "Message-ID": row.message_id,
        "Auto-Submitted": "auto-generated",
    }
    assert row.message_id == f"<{row.pk.hex}@localhost>"


@pytest.mark.parametrize("language", ["de", "leicht", "en"])
def test_no_subject_reveals_a_membership(mail_kind, language):
    every = [kind for kind in kinds.all_kinds() if not kind.code.startswith("test.")]

    subjects = [
        rendered(
            mail_kind(
                f"test.{n}",
                template=kind.template,
                placeholders=kind.placeholders,
                context=with_samples(kind, language),
            )
        )
        for n, kind in enumerate(every)
    ]

    found = [PARTY_WORDS.findall(result.message.subject) for result in subjects]
    assert found == [[] for _ in every]


def with_samples(kind, language):
    """What the editor's preview shows, and more real values where we have them."""
    samples = {placeholder.name: placeholder.sample for placeholder in kind.placeholders}
    return lambda _: samples | facts(language=language)


def in_language(language, **changes):
    return lambda _: facts(language=language, **changes)


@pytest.mark.parametrize(
    ("language", "first_line"),
    [
        ("de", "herzlich willkommen! Wir freuen uns sehr, dass du dabei bist."),
        ("leicht", "schön, dass du da bist."),
        ("en", "welcome! We are very glad that you are with us."),
        ("tlh", "schön, dass du da bist."),
        ("", "schön, dass du da bist."),
    ],
)
def test_a_language_without_a_text_falls_to_easy_german(mail_kind, language, first_line):
    body = rendered(mail_kind(context=in_language(language))).message.body

    assert body.splitlines()[2] == first_line


def test_a_kind_without_a_text_in_a_language_uses_easy_german(mail_kind):
    kind = mail_kind(template="members/invitation", context=in_language("de"))

    assert rendered(kind).message.subject == "Dein Link, Kim"


def html_of(result):
    return result.message.alternatives[0][0]


def test_names_are_escaped_in_html_and_plain_in_text(mail_kind):
    name = '<b>Kim</b> & "Co"'
    result = rendered(mail_kind(context=in_language("de", vorname=name)))

    assert html_of(result).count("Hallo &lt;b&gt;Kim&lt;/b&gt; &amp; &quot;Co&quot;,") == 1
    assert result.message.body.splitlines()[0] == f"Hallo {name},"


def test_lines_that_lead_to_our_pages_become_links_and_the_first_a_button(mail_kind):
    html = html_of(rendered(mail_kind()))

    button = f'<a class="button" href="{HOUSE}/einladung/geheim-einladung/">'
    assert html.count(f"{button}Meine Seite öffnen</a>") == 1
    assert (html.count('class="button"'), html.count('class="link"')) == (1, 5)


def test_a_name_that_looks_like_a_link_becomes_no_button(mail_kind):
    name = f"Kim\nJetzt zahlen: https://evil.example/\nOder hier: {HOUSE}.evil.example/"
    html = html_of(rendered(mail_kind(context=in_language("de", vorname=name))))

    assert [link for link in re.findall(r'href="([^"]*)"', html) if "evil" in link] == []
    assert html.count("https://evil.example/") == 1


NAMES = st.text(
    st.one_of(st.sampled_from("\r\n\t\v\f\x1c\x85\u2028:,<>"), st.characters(codec="utf-8")),
    max_size=60,
).map(lambda text: f"Kim{text}Bcc: evil@example.org")


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=NAMES)
def test_no_name_can_add_a_header_or_a_recipient(mail_kind, name):
    code = f"test.{uuid.uuid4()}"
    result = rendered(mail_kind(code, context=in_language("de", vorname=name)))

    raw = result.message.message().as_bytes()
    message = email.message_from_bytes(raw)
    assert sorted(message.keys()) == sorted(
        ["Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID"]
        + ["Auto-Submitted"]
    )
    assert result.message.recipients() == ["kim@example.org"]


# --- Secrets --------------------------------------------------------------------------------


def test_links_in_the_kept_text_are_blanked(mail_kind):
    result = rendered(mail_kind(secrets=("einladung", "andere_sprachen")))

    assert result.message.body.count("geheim-einladung") == 1
    assert result.kept.count(BLANKED) == 3
    assert re.findall("geheim-(einladung|english_url|easy_url)", result.kept) == []


def every_value(row):
    return " ".join(
        str(value) for value in OutgoingMail.objects.filter(pk=row.pk).values().get().values()
    )


def test_no_link_of_a_sent_welcome_is_kept_in_its_row(world, sink):
    person = world.person("newcomer")
    queue_welcomes([world.onboarding("newcomer")])
    row = OutgoingMail.objects.get()
    before = every_value(row)
    drain()

    links = re.findall(r"https?://\S+", part(only_mail(sink), "plain"))
    secret = [link for link in links if not link.endswith("/impressum/")]
    assert len(secret) == 5
    assert secret[0].endswith(f"/{token(ensure_invitation(person))}/")
    assert [link for link in secret if link in before + every_value(row)] == []
    assert every_value(row).count(BLANKED) == 5


@pytest.mark.parametrize("kind", ["account.login_code", "account.reset"])
def test_codes_and_reset_links_are_never_in_the_row(world, sink, kind):
    user = world.user("member")
    mail_id = uuid.uuid4()
    queue(Draft(kind, user.person_id, user.email, f"{kind}:1", {"user": str(user.pk)}, id=mail_id))
    row = OutgoingMail.objects.get()
    before = every_value(row)
    drain()

    text = part(only_mail(sink), "plain")
    secret = {
        "account.login_code": login_code.derive(mail_id),
        "account.reset": login_code.reset_key(User.objects.get(pk=user.pk)),
    }[kind]
    assert text.count(secret) == 1
    assert (before + every_value(row)).count(secret) == 0
    assert OutgoingMail.objects.get().body == ""
