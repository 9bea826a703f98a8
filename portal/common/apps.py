from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommonConfig(AppConfig):
    name = "portal.common"
    label = "common"
    verbose_name = "Fundament"

    def ready(self) -> None:
        from portal.common import checks  # noqa: F401 -- registers the deploy checks
        from portal.common.grants import grant_to_app_role

        post_migrate.connect(grant_to_app_role, dispatch_uid="grants")
