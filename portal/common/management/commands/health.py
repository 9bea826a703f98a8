"""The state of the house for somebody on call, and the health check of containers."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.common import health


class Command(BaseCommand):
    help = "Sagt als JSON, ob alles läuft; Exit 1, wenn nicht."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", choices=health.QUEUES, help="nur diese Warteschlange")

    def handle(self, *args: Any, **options: Any) -> None:
        report = health.report()
        if queue := options["queue"]:
            age = report.get("jobs_s", {}).get(queue)
            report["ok"] = age is not None and age < health.SILENT_AFTER
        self.stdout.write(json.dumps(report))
        if not report["ok"]:
            raise SystemExit(1)
