"""Which members of a wave are to be called: whoever asks for it, and the others one by one."""

from django.db.models import Exists, OuterRef, Q

from members.models import Contact, User, Wave, WaveReply
from members.queries.pulse import TALKED
from portal.common import clock


def wants_call(user: User) -> Exists:
    """Of onboardings: „Ja, ruft mich an“ was said to this Ansprechperson, and nobody spoke yet."""
    talked = Contact.objects.filter(onboarding=OuterRef("onboarding"), result__in=TALKED)
    return Exists(
        WaveReply.objects.filter(
            ~Exists(talked),
            onboarding=OuterRef("pk"),
            onboarding__responsible=user.person_id,
            answer=WaveReply.Answer.CALL,
        )
    )


def invited_and_free() -> Q:
    """Of onboardings: invited to a call, or the meeting is over.

    They need not wait until their date is near: newcomers, whose dates are nearer, come first,
    and nobody is shown more than three a week.
    """
    is_turn = Q(wave__way=Wave.Way.CALL) | Q(wave__meeting_at__lt=clock.now())
    return Q(wave__isnull=False) & is_turn
