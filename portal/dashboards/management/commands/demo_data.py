"""Fill the demo district, once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.common.scope import scope
from portal.dashboards.demo import district


class Command(BaseCommand):
    help = "Baut die Demo auf, falls es sie noch nicht gibt."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Nur im Demobetrieb (PORTAL_DEMO=1).")
        with scope("system:demo"):
            built = district.build()
        self.stdout.write("Demo-Daten angelegt." if built else "Demo-Daten sind schon da.")
