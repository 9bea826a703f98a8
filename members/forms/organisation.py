"""What staff enter about the organisation."""

from members.models import Topic
from portal.common.verwaltung import RowForm


class TopicForm(RowForm):
    class Meta:
        model = Topic
        fields = ("name", "position", "is_offered")
