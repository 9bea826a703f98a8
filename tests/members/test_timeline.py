"""Each source has one sentence, in order, and nothing hidden leaks."""

from members.queries import timeline


def test_smoke(world, django_assert_num_queries):
    person = world.person("newcomer")
    with django_assert_num_queries(1):
        print(timeline.for_team(person, {}))
    print(timeline.for_staff(person, {}))
    print(timeline.for_member(person))
