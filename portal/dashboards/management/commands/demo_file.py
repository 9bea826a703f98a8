"""Write a membership export of invented people, with dates relative to today."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from portal.common import clock
from portal.dashboards.demo import file


class Command(BaseCommand):
    help = "Schreibt einen erfundenen Mitglieder-Export (CSV oder XLSX)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=120)
        parser.add_argument(
            "--layout",
            choices=["bekannt", "fremd"],
            default="bekannt",
            help="fremd: unbekannte Spaltennamen, um das Zuordnen auszuprobieren",
        )
        parser.add_argument("--xlsx", action="store_true", help="als Excel-Datei")
        parser.add_argument("--out", type=Path, help="Zieldatei; ohne Angabe: Standardausgabe")

    def handle(self, *args: Any, **options: Any) -> None:
        write = file.as_xlsx if options["xlsx"] else file.as_csv
        foreign = options["layout"] == "fremd"
        content = write(options["rows"], clock.today(), foreign=foreign)
        if options["out"]:
            options["out"].write_bytes(content)
        else:
            sys.stdout.buffer.write(content)
