"""What opens an actuator: a warrant for exactly the tools and targets of one change that was cleared to run."""

from dataclasses import dataclass

from core.errors import RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Warrant:
    """Made by the executor from a clearance; credentials for acting are handed out for it alone.

    Attributes:
        change: digest of the cleared change.
        uses: (adapter, target) of its steps; a target is `<environment>/<service>`.
    """

    change: str
    uses: frozenset[tuple[str, str]]

    def require(self, adapter: str, target: str) -> None:
        """Refuse a tool or target that is not of this change.

        Raises:
            RefusedError: It is another.
        """
        if (adapter, target) not in self.uses:
            detail = f"The change that was cleared does not use {adapter} on {target}."
            raise RefusedError(detail, adapter=adapter, target=target)
