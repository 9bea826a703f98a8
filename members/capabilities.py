"""What each kind of Amt allows. Policies ask for capabilities, never for kinds."""

from typing import Final

LEAD_ONBOARDING: Final = frozenset({"onboarding.act", "events.manage"})

# Kinds are the values of Amt.Kind; each holds on the Amt's Gliederung and everything below.
CAPABILITIES: Final[dict[str, frozenset[str]]] = {
    "ansprechperson": LEAD_ONBOARDING,
    "stellvertretung": LEAD_ONBOARDING,
    "vorsitz": LEAD_ONBOARDING | {"admission.decide"},
    "geschaeftsstelle": LEAD_ONBOARDING
    | {
        "people.view",
        "people.edit",
        "admission.decide",
        "access.manage",
        "import.run",
        "export.run",
        "mail.manage",
        "org.manage",
        "mentoring.coordinate",
        "papers.read",
        "retention.approve",
        "rights.view",
        "rights.answer",
    },
    "mentoring": frozenset({"mentoring.coordinate"}),
    "bezirk": frozenset(),
    "datenschutz": frozenset({"audit.read", "papers.read", "retention.approve", "rights.view"}),
    # Listens, and sees nobody's data (R13).
    "vertrauensperson": frozenset(),
}

# Names used in code; a typo in a policy must fail, not deny silently.
KNOWN: Final = frozenset(capability for granted in CAPABILITIES.values() for capability in granted)


def shows_others(kind: str) -> bool:
    """Does an office of this kind show other people? Every right does in some way."""
    return bool(CAPABILITIES[kind])


# Kinds that open something at all.
GRANTING: Final = sorted(kind for kind in CAPABILITIES if shows_others(kind))


def kinds_granting(capability: str) -> list[str]:
    """Return the kinds of Amt that carry `capability`; KeyError for one that does not exist."""
    if capability not in KNOWN:
        raise KeyError(capability)
    return sorted(kind for kind, granted in CAPABILITIES.items() if capability in granted)
