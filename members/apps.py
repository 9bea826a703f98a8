from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Mitglieder"

    def ready(self) -> None:
        from members import fields, links, mails, mails_access, todos, todos_access  # noqa: F401 -- fill the registries
