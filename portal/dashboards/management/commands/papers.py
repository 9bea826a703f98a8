"""The privacy papers as files: written anew, or compared with what the program does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.dashboards.papers import shelf


class Command(BaseCommand):
    help = (
        "Vergleicht docs/datenschutz mit dem, was das Programm tut; Exit 1, wenn etwas abweicht. "
        "Mit --write werden die Papiere neu geschrieben."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--write", action="store_true", help="abweichende Papiere neu schreiben"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            for paper in shelf.write():
                self.stdout.write(f"Geschrieben: {paper.file.name}")
        if stale := shelf.stale():
            names = ", ".join(paper.file.name for paper in stale)
            raise CommandError(f"Nicht mehr aktuell: {names}. Bitte „manage.py papers --write“.")
        self.stdout.write("Alle Papiere sind aktuell.")
