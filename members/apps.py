from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Mitglieder"

    def ready(self) -> None:
        from members import (  # noqa: F401 -- fill the registries
            audit_codes,
            checks,
            digest_links,
            exports,
            fields,
            forecasts,
            links,
            mails,
            retention,
            row_security,
            tandem_links,
            todos,
            verwaltung,
        )
        from members.services import (  # noqa: F401 -- the same
            mail_choices,
            profile_answers,
            reference,
            rights,
            tandem_answers,
        )
