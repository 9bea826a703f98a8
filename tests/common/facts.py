"""What the welcome texts need, without a row of anybody."""

HOUSE = "http://127.0.0.1:8000"


def facts(_mail=None, **changes):
    """What the welcome texts need."""
    urls = ("invitation_url", "nobody_called_url", "rather_write_url", "easy_url", "english_url")
    return {
        "first_name": "Kim",
        "language": "de",
        "milestones": [],
        "district": {"office_name": "Geschäftsstelle Test", "phone": "0511 123456"},
        "base_url": HOUSE,
        **{name: f"{HOUSE}/{name}/geheim-{name}/" for name in urls},
        **changes,
    }
