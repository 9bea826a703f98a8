"""Run the deletion rules by hand, or say what they would take."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.common import retaining
from portal.common.retaining import Outcome


class Command(BaseCommand):
    help = "Löscht, was fällig ist. Regeln, denen nicht zwei zugestimmt haben, zählen nur."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, nichts löschen")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = retaining.run(dry_run=options["dry_run"])
        if options["format"] == "json":
            self.stdout.write(json.dumps([_as_json(one) for one in outcomes], indent=1))
        else:
            for one in outcomes:
                self.stdout.write(_line(one))
        if any(one.error for one in outcomes):
            sys.exit(1)


def _as_json(one: Outcome) -> dict[str, Any]:
    return {
        "rule": one.rule.code,
        "count": one.count,
        "held": one.held,
        "dry_run": one.dry_run,
        "error": one.error,
    }


def _line(one: Outcome) -> str:
    if one.error:
        return f"{one.rule.code:26} gescheitert: {one.error}"
    verb = "wären fällig" if one.dry_run else "erledigt"
    held = f", {one.held} gesperrt" if one.held else ""
    return f"{one.rule.code:26} {one.count} {verb}{held}  ({one.rule.title})"
