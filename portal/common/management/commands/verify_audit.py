"""Is the audit log as it was written? For somebody on call, and after a restore."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.common import audit_chain


class Command(BaseCommand):
    help = "Prüft die Siegelkette des Protokolls; Exit 1, wenn etwas nicht stimmt."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        report = audit_chain.verify()
        waiting = audit_chain.unsealed().count()
        if options["format"] == "json":
            told = asdict(report) | {"ok": report.ok, "waiting": waiting}
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(_sentence(report))
            self.stdout.write(f"Noch ohne Siegel: {waiting}.")
        if not report.ok:
            raise SystemExit(1)


def _sentence(report: audit_chain.Report) -> str:
    if report.problem:
        return f"Stelle {report.position}: {audit_chain.PROBLEMS[report.problem]}"
    return f"Unverändert: {report.seals} Siegel, mit {report.heads} notierten Ständen verglichen."
