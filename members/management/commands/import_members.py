"""Import a membership export from the command line, through the same service as the page."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from members.imports.plan import ORDER
from members.imports.reader import MAX_BYTES
from members.imports.rules import REJECTED, Problem
from members.models import ImportRun
from members.services import imports
from portal.common.scope import scope

LABELS = {
    "rows": "Zeilen",
    "new": "neu",
    "changed": "geändert",
    "unchanged": "unverändert",
    "moved": "umgezogen",
    "left": "ausgetreten",
    "rejected": "abgelehnt",
    "same": "vermutlich dieselbe Person, noch nicht übernommen",
}


class Command(BaseCommand):
    help = "Liest einen Mitglieder-Export ein. Exit 1, wenn die Datei als Ganzes abgelehnt wird."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="nur prüfen, nichts übernehmen")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._run(options["file"], options["dry_run"])
        except (imports.FileRefused, OSError) as error:
            message = str(error) if isinstance(error, imports.FileRefused) else _unreadable(error)
            problem = Problem(None, "", REJECTED, message)
            report = dict.fromkeys(("rows", *ORDER), 0) | {"problems": [problem.as_json()]}
            self._print(report, options["format"])
            sys.exit(1)
        self._print(report, options["format"])

    def _run(self, file: Path, dry_run: bool) -> dict[str, Any]:
        with file.open("rb") as source:
            content = source.read(MAX_BYTES + 1)
        with scope("system:import"):
            run = imports.stage(content, None)
            problems = [problem for row in run.rows.all() for problem in row.problems]
            if dry_run:
                transaction.set_rollback(True)
            else:
                self._confirm(run)
                imports.apply(run, None)
        return run.counts | {
            "mails": run.mails,
            "letters": run.letters,
            "problems": problems,
        }

    def _confirm(self, run: ImportRun) -> None:
        """Ask a second time before many mails leave, if somebody is there to answer (R4)."""
        if run.mails + run.letters <= imports.MANY_MESSAGES or not sys.stdin.isatty():
            return
        self.stderr.write(_messages(run.mails, run.letters))
        if input("Weiter? [j/N] ").strip().lower() not in ("j", "ja"):
            transaction.set_rollback(True)
            sys.exit("Abgebrochen, nichts übernommen.")

    def _print(self, report: dict[str, Any], style: str) -> None:
        if style == "json":
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        for code, label in LABELS.items():
            if code in report:
                self.stdout.write(f"{label:12} {report[code]}")
        if report.get("mails") or report.get("letters"):
            self.stdout.write(_messages(report["mails"], report["letters"]))
        for problem in report["problems"]:
            where = f"Zeile {problem['row']}, {problem['field']}: " if problem["row"] else ""
            self.stdout.write(where + problem["message"])


def _messages(mails: int, letters: int) -> str:
    return f"Diese Datei verschickt {mails} Mails und {letters} Briefe."


def _unreadable(error: OSError) -> str:
    return f"Die Datei lässt sich nicht öffnen: {error.strerror}."
