from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Mitglieder"

    def ready(self) -> None:
        from members import (  # noqa: F401 -- fill the registries
            digest_links,
            fields,
            forecasts,
            links,
            mails,
            row_security,
            todos,
            verwaltung,
        )
        from members.services import mail_choices, profile_answers  # noqa: F401 -- the same
