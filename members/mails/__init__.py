"""Every mail the members app may send, with its reason and what is true when it leaves."""

from members.mails import access, interest, notices, welcome  # noqa: F401 -- fill the registry
