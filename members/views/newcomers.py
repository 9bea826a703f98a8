"""Newcomers: the lists, one person, and logging how it went."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.views.generic import ListView

from members import policies
from members.http import UserRequest
from members.models import Gliederung, Person
from members.queries import delays, newcomers


class NewcomerList(ListView):
    """One of the named lists, optionally narrowed by a name."""

    template_name = "members/newcomer_list.html"
    context_object_name = "onboardings"
    paginate_by = 50
    request: UserRequest

    def get_queryset(self) -> QuerySet[Any, Any]:
        code = self.request.GET.get("liste", "alle")
        if code not in newcomers.LISTS:
            raise Http404
        self.list = newcomers.LISTS[code]
        found = newcomers.newcomers(self.request.user, code)
        self.gliederung = self._gliederung()
        if self.gliederung:
            found = found.filter(person__gliederung=self.gliederung)
        words = self.request.GET.get("q", "")[:100]
        if words:
            people = Person.objects.visible_to(self.request.user).matching(words)
            found = found.filter(person__in=people)
        return newcomers.urgent_first(found).values_list("pk", flat=True)

    def _gliederung(self) -> Gliederung | None:
        """The Ortsverein the list is narrowed to; an unknown one narrows nothing."""
        with suppress(ValueError):
            return Gliederung.objects.filter(pk=UUID(self.request.GET.get("ov", ""))).first()
        return None

    def _median_delay(self) -> int | None:
        """Staff see how late the data come; it is one number about the export, not about people."""
        if self.list.code != "alle" or not self.request.user.sees_whole_district:
            return None
        return delays.median_days(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = ["alle", "gefragt", "faellig", "offen", "nicht-erreicht", newcomers.AGAIN]
        if self.request.user.sees_whole_district:
            shown += ["ohne-ansprechperson", "ohne-mentor"]
        context = super().get_context_data(
            lists=[newcomers.LISTS[code] for code in shown],
            list=self.list,
            gliederung=self.gliederung,
            words=self.request.GET.get("q", "")[:100],
            may_enter=policies.can_edit_people(self.request.user),
            median_delay=self._median_delay(),
            sees_transfers=policies.can_see_transfers(self.request.user),
            **kwargs,
        )
        return context | {"onboardings": newcomers.rows_of(list(context["onboardings"]))}
