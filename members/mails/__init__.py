"""Every mail the members app may send, with its reason and what is true when it leaves."""

from members.mails import (  # noqa: F401 -- fill the registry
    access,
    audit,
    digest,
    exports,
    interest,
    last_letter,
    looks,
    mentors,
    notices,
    pulse,
    rights,
    tandems,
    waves,
    welcome,
    win_back,
)
