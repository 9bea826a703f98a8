from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Mitglieder"

    def ready(self) -> None:
        from members import fields, forecasts, links, mails, todos  # noqa: F401 -- fill the registries
