from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Termine"

    def ready(self) -> None:
        from events import (  # noqa: F401 -- fill the registries
            audit_codes,
            fields,
            links,
            mails,
            retention,
            row_security,
            todos,
            verwaltung,
        )
        from events.services import answers, reference  # noqa: F401 -- the same
