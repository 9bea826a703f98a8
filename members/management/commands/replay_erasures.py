"""The step between a restored database and an open portal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.services.replay import replay
from portal.common.errors import DomainError


class Command(BaseCommand):
    help = "Löscht nach dem Zurückspielen noch einmal, wer seit der Sicherung gelöscht wurde."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ledger-is-empty",
            action="store_true",
            help="es gibt keine Löschliste, weil noch nie jemand gelöscht wurde",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = replay(is_empty=options["ledger_is_empty"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Löschliste: {done.entries} Menschen, davon wieder da und jetzt gelöscht: "
            f"{done.erased}. Das Portal darf starten."
        )
        if done.spared:
            self.stdout.write(
                f"{done.spared} Menschen bleiben: Sie standen schon vor der Sicherung in der "
                "Liste, ihre Löschung wurde aber nie vollzogen."
            )
