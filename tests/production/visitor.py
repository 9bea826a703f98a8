"""Somebody signed in who clicks against real processes, counting what was acknowledged."""

from django.test import Client

from tests.conftest import BACKEND, pass_second_factor
from tests.production.browser import Visitor
from tests.production.stack import Stack
from tests.world import World


def visitor(stack: Stack, world: World, role: str) -> Visitor:
    """Sign in as allauth would leave the session behind."""
    client, user = Client(), world.user(role)
    client.force_login(user, backend=BACKEND)
    pass_second_factor(client, user)
    return Visitor(stack, client.session.session_key)
