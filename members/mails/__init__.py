"""Every mail the members app may send, with its reason and what is true when it leaves."""

from members.mails import access, notices, welcome  # noqa: F401 -- fill the registry
from members.models import Person
from portal.common.outbox.models import OutgoingMail


def received_by(person: Person) -> list[OutgoingMail]:
    """Everything that was sent to this person, newest first, for their own page."""
    sent = OutgoingMail.objects.filter(recipient_key=person.pk, state=OutgoingMail.State.SENT)
    return list(sent.exclude(kind__startswith="account.").order_by("-sent_at"))
