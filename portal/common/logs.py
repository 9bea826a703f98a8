"""What must never stand in a log: the secret part of a link."""

import logging
import re

_SECRETS = re.compile(r"(/einladung/|/l/|/konto/passwort/neu/)[^/\s'\"]+")


class HideSecrets(logging.Filter):
    """Cut tokens out of paths, whoever logs them: a 404, a refused method, a broken request."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        hidden = _SECRETS.sub(r"\1…", text)
        if hidden != text:
            record.msg, record.args = hidden, ()
        return True
