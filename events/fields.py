"""What each field of this app is (the registry is in portal.common.fields)."""

from portal.common.fields import classify

classify(
    "events.EventKind",
    "",
    public="id code name position is_offered minutes needs_registration is_for_newcomers checklist "
    "agenda questions reminder_hours",
)
classify("events.Series", "", public="id rhythm until")
classify(
    "events.Event",
    "",
    technical="id state sequence changed_at",
    link="responsible awareness delegates greeters",
    public="kind title text gliederung co_hosts topics audience starts_at ends_at series place "
    "address kommune online_url access extras cost language guests needs_registration capacity "
    "register_until cancelled_because",
)
classify(
    "events.Registration",
    "person",
    technical="id queued_at offered_until created_at invited_at",
    link="person entered_by",
    name="guest_name",
    channel="guest_email",
    interest="event state companions offers_lift came",
    note="needs question",
)
classify("events.CheckItem", "", technical="id due_on done_on", link="owner", public="event text")
classify(
    "events.EventReport",
    "",
    technical="id written_on",
    public="event headcount newcomers topics results differently photos_allowed",
)
classify(
    "events.CalendarFeed",
    "person",
    technical="id made_on is_neutral",
    link="person",
    access="token_hash",
)
