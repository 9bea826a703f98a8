"""Give somebody an office from the server: the first account, and every emergency."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.models import Amt
from members.services import setup
from portal.common.errors import DomainError
from portal.common.scope import scope


class Command(BaseCommand):
    help = (
        "Gibt jemandem ab heute ein Amt und nennt den Link zum Einrichten des Zugangs. "
        "Wer auf dem Server arbeitet, ist die zweite Person. Zweimal ausgeführt: ein Amt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("kind", choices=Amt.Kind.values)
        parser.add_argument("gliederung", help="Name oder Kennung")
        parser.add_argument("--name", default="", help='"Vorname Nachname" einer neuen Person')
        without = "ohne diesen Tag öffnet das Amt nichts"
        pledged = f"heute als Tag der Verpflichtung eintragen; {without}"
        parser.add_argument("--verpflichtet", action="store_true", help=pledged)
        trained = f"heute als Tag der Schulung eintragen; {without}"
        parser.add_argument("--geschult", action="store_true", help=trained)
        replaces = "das Amt der bisherigen Ansprechperson endet gestern"
        parser.add_argument("--loest-ab", action="store_true", help=replaces)

    def handle(self, *args: Any, **options: Any) -> None:
        order = setup.Order(
            email=options["email"],
            kind=options["kind"],
            gliederung=options["gliederung"],
            name=options["name"],
            pledged=options["verpflichtet"],
            trained=options["geschult"],
            replaces=options["loest_ab"],
        )
        try:
            with scope("system:appoint"):
                appointment = setup.appoint(order)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        for line in appointment.lines:
            self.stdout.write(line)
