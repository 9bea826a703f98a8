"""The request as views see it behind LoginRequiredMiddleware."""

from django.http import HttpRequest

from members.models import User


class UserRequest(HttpRequest):
    user: User
