from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate

from portal.common import logs


class CommonConfig(AppConfig):
    name = "portal.common"
    label = "common"
    verbose_name = "Fundament"

    def ready(self) -> None:
        from portal.common import (  # noqa: F401 -- fill the registries
            checks,
            retention_rules,
            row_security,
        )
        from portal.common.audit_rights import protect
        from portal.common.grants import grant_to_app_role

        logs.configure(readable=settings.LOCAL)
        post_migrate.connect(grant_to_app_role, dispatch_uid="grants")
        # Once, although every app sends the signal: replacing a trigger locks its table.
        post_migrate.connect(protect, sender=self, dispatch_uid="audit_rights")
        post_migrate.connect(row_security.install, dispatch_uid="row_security")
