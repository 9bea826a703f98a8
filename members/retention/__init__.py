"""When the data of people go (the registry is in portal.common.retention, periods beside it).

Whatever is not named here goes with the person: every row that points to one by cascade.
"""

from members.retention import arriving, doing, people

__all__ = ["arriving", "doing", "people"]
