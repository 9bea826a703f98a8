"""Name the roles a visitor can try."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.dashboards.demo.roles import ROLES


class Command(BaseCommand):
    help = "Nennt die Rollen der Demo."

    def handle(self, *args: Any, **options: Any) -> None:
        for role in ROLES:
            self.stdout.write(f"{role.title}: {role.sentence}")
