"""What a browser does, against real processes: cookies, form tokens, and what was answered."""

import http.client
import re
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.production.stack import BEHIND_PROXY, HOST, Stack

FORM_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
BOUNDARY = "b" * 20


@dataclass
class Visitor:
    stack: Stack
    session: str
    csrf: str = ""
    slowest: float = 0.0
    statuses: list[int] = field(default_factory=list)

    def _send(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        cookies = f"__Host-sessionid={self.session}; __Host-csrftoken={self.csrf}"
        headers = BEHIND_PROXY | {"Cookie": cookies, "Referer": f"https://{HOST}{path}"}
        if kind:
            headers["Content-Type"] = kind
        began = time.monotonic()
        try:
            status, answer, got = self.stack.ask(method, path, headers, body)
        except (OSError, http.client.HTTPException):
            status, answer, got = 0, b"", {}  # hung up: nothing was acknowledged
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses.append(status)
        found = re.search(r"__Host-csrftoken=(\w+)", got.get("Set-Cookie", ""))
        self.csrf = found[1] if found else self.csrf
        found = re.search(r"__Host-sessionid=(\w+)", got.get("Set-Cookie", ""))
        self.session = found[1] if found else self.session
        return status, answer

    def get(self, path: str) -> tuple[int, bytes]:
        return self._send("GET", path)

    def _form_token(self, path: str) -> str:
        found = FORM_TOKEN.search(self.get(path)[1])
        return found[1].decode() if found else ""

    def post(self, path: str, form: str, **data: str) -> int:
        """Open the page with the form, then send it as a browser does."""
        token = self._form_token(form)
        body = urlencode({"csrfmiddlewaretoken": token, **data})
        return self._send("POST", path, body.encode(), "application/x-www-form-urlencoded")[0]

    def upload(self, path: str, name: str, content: bytes) -> int:
        token = self._form_token(path)
        body = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{token}\r\n--{BOUNDARY}\r\n"
            f'Content-Disposition: form-data; name="{name}"; filename="a.csv"\r\n\r\n'
        ).encode()
        end = f"\r\n--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self._send("POST", path, body + content + end, kind)[0]

    def log_talk(self, onboarding: object) -> uuid.UUID | None:
        """Log a try to call; returns its token if the portal said that it is kept."""
        token = uuid.uuid4()
        path = f"/neumitglieder/{onboarding}/gespraech/"
        status = self.post(path, path, result="not_reached", submit_token=str(token))
        return token if status == 302 else None
