"""Load municipalities, topics and the 1-3-6 standard."""

from typing import Any

from django.core.management.base import BaseCommand

from members.services.reference import load_reference


class Command(BaseCommand):
    help = "Lädt Kommunen, Postleitzahlen, Themen und den 1-3-6-Standard. Wiederholbar."

    def handle(self, *args: Any, **options: Any) -> None:
        load_reference()
        self.stdout.write("Kommunen, Postleitzahlen, Themen und 1-3-6-Standard sind da.")
