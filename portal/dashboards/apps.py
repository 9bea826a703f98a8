from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "portal.dashboards"
    label = "dashboards"
    verbose_name = "Übersichten"

    def ready(self) -> None:
        from portal.dashboards import cards, fields, page_texts  # noqa: F401 -- fill the registries
