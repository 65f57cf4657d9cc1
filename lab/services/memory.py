"""A service's heap and its limit, as a container's memory limit would set it."""

from pathlib import Path

MEGABYTE = 1 << 20


def heap_bytes() -> int:
    """What this process really holds: its resident anonymous memory, as the kernel counts it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


class Memory:
    """The limit, and whether a piece of work still fits under it.

    Attributes:
        limit_bytes: at this size the process is ended, as the kernel would do it.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes

    def require(self, size_bytes: int, purpose: str) -> None:
        """Make sure that a piece of work of this size fits.

        Raises:
            MemoryError: It does not.
        """
        if heap_bytes() + size_bytes > self.limit_bytes:
            message = f"out of memory: cannot allocate {size_bytes // MEGABYTE} MB for {purpose}"
            raise MemoryError(message)

    def is_exhausted(self) -> bool:
        """Whether the heap has reached its limit."""
        return heap_bytes() >= self.limit_bytes
