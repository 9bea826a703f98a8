"""Create the district of a fresh installation from one small TOML file."""

import tomllib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.services import setup
from portal.common.errors import DomainError
from portal.common.scope import scope

EXAMPLE = """\
# Von oben nach unten. Wo takes_members steht, werden Menschen Mitglied.
[[levels]]
name = "Bezirk"
short = "Bez."
[[levels]]
name = "Unterbezirk"
short = "UB"
[[levels]]
name = "Ortsverein"
short = "OV"
takes_members = true

# Der Weg bis zum Parteigebiet; der letzte Eintrag ist es selbst.
[[path]]
name = "Musterland"
level = "Bezirk"
[[path]]
name = "Musterstadt"
level = "Unterbezirk"

[district]
product_name = "Ankommen"
party = "Partei"
office_name = "Geschäftsstelle Musterstadt"
street = "Musterstraße 1"
city = "12345 Musterstadt"
phone = "0123 456789"
email = "post@example.org"
responsible = "Erika Muster, Musterstraße 1, 12345 Musterstadt"
data_protection = "datenschutz@example.org"
authority = "Aufsichtsbehörde von Musterland, Musterplatz 1, 12345 Musterstadt"

# Freiwillig: was direkt darunter liegt, je Ebene.
[leaves]
Ortsverein = ["Mitte", "Nord"]
"""


class Command(BaseCommand):
    help = (
        "Richtet Ebenen, Gliederungen und Parteigebiet ein. Wiederholbar. "
        "Ohne Datei wird eine Vorlage ausgegeben."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is None:
            self.stdout.write(EXAMPLE)
            return
        try:
            settings = tomllib.loads(options["file"].read_text(encoding="utf-8"))
            with scope("system:setup"):
                district = setup.setup_district(settings)
        except (DomainError, tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Eingerichtet: {district}. Weiter geht es mit „manage.py appoint“.")
