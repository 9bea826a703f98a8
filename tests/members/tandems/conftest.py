import pytest

from tests.members.digest_help import at
from tests.members.tandem_people import MONDAY, propose


@pytest.fixture(autouse=True)
def day():
    """A morning on which mail may leave."""
    with at(MONDAY, 9):
        yield MONDAY


@pytest.fixture
def pair(world):
    """A newcomer and the mentor who is proposed to them."""
    proposal = propose(world)
    return world.onboarding("newcomer"), proposal.mentor
