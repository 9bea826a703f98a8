"""Write a membership export of invented people, with dates relative to today."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from portal.common import clock
from portal.dashboards.demo import file


class Command(BaseCommand):
    help = "Schreibt einen erfundenen Mitglieder-Export (CSV)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=120)
        parser.add_argument("--out", type=Path, help="Zieldatei; ohne Angabe: Standardausgabe")

    def handle(self, *args: Any, **options: Any) -> None:
        content = file.as_csv(options["rows"], clock.today())
        if options["out"]:
            options["out"].write_bytes(content)
        else:
            sys.stdout.buffer.write(content)
