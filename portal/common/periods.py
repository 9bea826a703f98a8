"""How long what is kept: all periods of the deletion rules in one place.

Every one is a proposal that is still to be agreed with the Datenschutzbeauftragte („mit der oder
dem Datenschutzbeauftragten abzustimmen“). Changing one changes the rule, and a changed rule asks
two people again before it deletes anything.
"""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

AT_ONCE = timedelta(0)

# People
EXIT = timedelta(days=90)  # win-back ends after 28 days
NOT_ADMITTED = relativedelta(months=3)
INTERESTED = relativedelta(months=6)
UNKNOWN = relativedelta(months=6)  # no membership, office, login or interest
HOLD_OVER = relativedelta(months=3)

# „Ich will mitmachen“
LINK_EXPIRED = timedelta(days=4)  # the link itself holds for three days: seven together
HELD_FORM = timedelta(days=30)
CLOSED_FORM = relativedelta(months=3)

# Arriving
NEWCOMER_FILE = relativedelta(months=12)
NEWCOMER_FILE_STILL_OPEN = relativedelta(months=24)
PULSE = relativedelta(months=12)
WAVE_NO = timedelta(days=30)  # a no has no effect and is forgotten (R7)
WAVE_REPLY = relativedelta(months=12)
MATCHING = relativedelta(months=3)
TANDEM_NO = timedelta(days=30)  # a no has no effect and is forgotten (R7)
TANDEM = relativedelta(months=12)
TANDEM_BLOCKED = relativedelta(months=36)  # so long the two are never proposed to each other
TANDEM_REPORT = relativedelta(months=12)
PAIR_RULE = relativedelta(months=12)

# Who does what
OFFICE = relativedelta(months=24)
ABSENCE = relativedelta(months=3)
REMINDER = relativedelta(months=12)
ASSIGNMENT = relativedelta(months=12)
TRANSFER = relativedelta(months=12)
PHONE_ANSWER = relativedelta(months=12)
MELDUNG = relativedelta(months=6)

# Events
REGISTRATION = relativedelta(months=12)
REGISTRATION_NO = timedelta(days=30)  # a no has no effect and is forgotten (R7)
REGISTRATION_WORDS = timedelta(days=7)
GUEST = timedelta(days=14)

# One's own data
RIGHTS_REQUEST = relativedelta(months=36)
LOOK = relativedelta(months=12)
EXPORT = relativedelta(months=24)

# Signing in
INVITATION = relativedelta(months=3)
ONE_TIME_CODE = relativedelta(months=3)
MAIL_TO_NOBODY = timedelta(days=1)

# Import and post
IMPORT = timedelta(hours=24)
MAIL_BODY = timedelta(days=14)
MAIL_ENVELOPE = timedelta(days=90)
ADDRESS_TROUBLE = relativedelta(months=12)
CONSENT_PROOF = relativedelta(years=3)
NOTE_OF_RUN = relativedelta(months=36)


def in_words(period: timedelta | relativedelta) -> str:
    """Say a period as a person would."""
    if isinstance(period, relativedelta):
        return _counted(period.years * 12 + period.months, "Monat", "Monate")
    if period == AT_ONCE:
        return "sofort"
    if period <= timedelta(days=1):
        return _counted(period // timedelta(hours=1), "Stunde", "Stunden")
    return _counted(period.days, "Tag", "Tage")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
