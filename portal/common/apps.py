from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate

from portal.common import logs


class CommonConfig(AppConfig):
    name = "portal.common"
    label = "common"
    verbose_name = "Fundament"

    def ready(self) -> None:
        from portal.common import (
            checks,  # noqa: F401 -- registers the deploy checks
            row_security,
        )
        from portal.common.grants import grant_to_app_role

        logs.configure(readable=settings.LOCAL)
        post_migrate.connect(grant_to_app_role, dispatch_uid="grants")
        post_migrate.connect(row_security.install, dispatch_uid="row_security")
