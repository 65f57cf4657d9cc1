"""The ways a change may be decided."""

from enum import StrEnum


class Route(StrEnum):
    """auto < notify < single < quorum; compare by `rank`."""

    AUTO = "auto"
    NOTIFY = "notify"
    SINGLE = "single"
    QUORUM = "quorum"

    @property
    def rank(self) -> int:
        """0 for auto to 3 for quorum."""
        return list(Route).index(self)

    @property
    def asks_people(self) -> bool:
        """Whether somebody must sign."""
        return self.rank >= Route.SINGLE.rank

    @classmethod
    def for_people(cls, people: int, *, otherwise: "Route") -> "Route":
        """The route that so many signatures make; without any, `otherwise` if it asks nobody, else a single one."""
        if people <= 0:
            return otherwise if not otherwise.asks_people else cls.SINGLE
        return cls.SINGLE if people == 1 else cls.QUORUM
