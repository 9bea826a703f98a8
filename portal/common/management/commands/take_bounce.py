"""Pipe for a mail server: one returned message on standard input."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.common.outbox import returned
from portal.common.outbox.bounces import MOST_BYTES
from portal.common.scope import scope


class Command(BaseCommand):
    help = "Nimmt eine zurückgekommene Mail von der Standardeingabe entgegen."

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(MOST_BYTES)
        with scope("system:bounces"):
            outcome = returned.take(raw)
        self.stdout.write(outcome.value)
