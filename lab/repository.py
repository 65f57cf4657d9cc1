"""The shop's configuration repository: its made-up past, and changes to it by the shop's people."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import clock, git
from lab.git import Author

BRANCH = "main"
GOOD_ACQUIRER_TIMEOUT_MS = 800
BAD_ACQUIRER_TIMEOUT_MS = 25
PAYMENTS_FILE = "payments/config.json"

PRIYA = Author("Priya Raman", "priya.raman@shop.example")
TOMAS = Author("Tomás Herrera", "tomas.herrera@shop.example")
INGRID = Author("Ingrid Solberg", "ingrid.solberg@shop.example")
KWAME = Author("Kwame Boateng", "kwame.boateng@shop.example")
ON_CALL = Author("Shop on-call", "oncall@shop.example")

_MINUTE = 60
_HOUR = 60 * _MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """A commit of the made-up history.

    Attributes:
        ago_s: how long before the first start it was made.
        values: settings by service that it sets.
    """

    author: Author
    ago_s: int
    subject: str
    values: dict[str, dict[str, int]]


_HISTORY = (
    _Past(
        author=INGRID,
        ago_s=9 * 24 * _HOUR,
        subject="Move the services' settings into Git",
        values={
            "gateway": {"checkout_timeout_ms": 5000, "heap_limit_mb": 256, "max_items": 200},
            "checkout": {
                "heap_limit_mb": 192,
                "inventory_timeout_ms": 3500,
                "payments_timeout_ms": 3000,
                "basket_cache_entries": 2000,
            },
            "payments": {"acquirer_timeout_ms": 1200, "heap_limit_mb": 256, "max_amount_eur": 2500},
            "inventory": {"heap_limit_mb": 256, "reservation_minutes": 10},
        },
    ),
    _Past(
        author=TOMAS,
        ago_s=6 * 24 * _HOUR + 3 * _HOUR,
        subject="Give up on the acquirer after 800 ms; the 99.9th percentile is 620",
        values={"payments": {"acquirer_timeout_ms": GOOD_ACQUIRER_TIMEOUT_MS}},
    ),
    _Past(
        author=KWAME,
        ago_s=3 * 24 * _HOUR + 5 * _HOUR,
        subject="Keep reservations for 15 minutes, support asked for it",
        values={"inventory": {"reservation_minutes": 15}},
    ),
    _Past(
        author=INGRID,
        ago_s=26 * _HOUR,
        subject="Raise checkout's memory limit to 256 MB before the sale",
        values={"checkout": {"heap_limit_mb": 256}},
    ),
    _Past(
        author=PRIYA,
        ago_s=5 * _HOUR + 12 * _MINUTE,
        subject="Wait longer for checkout, so that its restarts do not show",
        values={"gateway": {"checkout_timeout_ms": 8000}, "checkout": {"payments_timeout_ms": 4000}},
    ),
    _Past(
        author=TOMAS,
        ago_s=2 * _HOUR + 40 * _MINUTE,
        subject="Allow single payments up to 3000 EUR",
        values={"payments": {"max_amount_eur": 3000}},
    ),
    _Past(
        author=KWAME,
        ago_s=52 * _MINUTE,
        subject="Let the gateway accept baskets of 250 items",
        values={"gateway": {"max_items": 250}},
    ),
    _Past(
        author=INGRID,
        ago_s=31 * _MINUTE,
        subject="Cache 2500 baskets in checkout",
        values={"checkout": {"basket_cache_entries": 2500}},
    ),
)


def ensure(repository: Path) -> bool:
    """Make the repository with its history unless it is there; True when it was made."""
    if (repository / "HEAD").exists():
        return False
    with tempfile.TemporaryDirectory(prefix="seed-", dir=repository.parent) as folder:
        seed = Path(folder) / "seed"
        seed.mkdir()
        git.run(seed, "init", "--quiet", f"--initial-branch={BRANCH}")
        now = clock.timestamp()
        for past in _HISTORY:
            _write(seed, past.values)
            _commit(seed, past.subject, past.author, date=f"{int(now - past.ago_s)} +0000")
        bare = Path(folder) / "bare.git"
        git.run(seed, "clone", "--quiet", "--bare", str(seed), str(bare))
        git.run(bare, "remote", "remove", "origin")
        bare.rename(repository)
    return True


def values(repository: Path, service: str) -> dict[str, int]:
    """A service's settings at the head of the branch."""
    content: dict[str, int] = json.loads(git.run(repository, "show", f"{BRANCH}:{service}/config.json"))
    return content


def change(repository: Path, service: str, settings: dict[str, int], subject: str, author: Author) -> str:
    """Commit new settings of one service, as a colleague would; returns the commit."""
    with _clone(repository) as clone:
        _write(clone, {service: settings})
        _commit(clone, subject, author)
        git.run(clone, "push", "--quiet", "origin", BRANCH)
        return git.run(clone, "rev-parse", "HEAD")


def revert(repository: Path, commit: str, author: Author) -> str:
    """Revert one commit with a new one; returns the new one.

    Raises:
        GitError: Later changes stand in the way.
    """
    with _clone(repository) as clone:
        git.run(clone, "revert", "--no-edit", commit, author=author)
        git.run(clone, "push", "--quiet", "origin", BRANCH)
        return git.run(clone, "rev-parse", "HEAD")


def last_commit(repository: Path, path: str) -> str:
    """The commit that last changed a file."""
    return git.run(repository, "log", "-1", "--format=%H", BRANCH, "--", path)


def subject_of(repository: Path, commit: str) -> str:
    """The first line of a commit's message."""
    return git.run(repository, "log", "-1", "--format=%s", commit)


@contextmanager
def _clone(repository: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="change-", dir=repository.parent) as folder:
        clone = Path(folder) / "clone"
        git.run(repository.parent, "clone", "--quiet", "--branch", BRANCH, str(repository), str(clone))
        yield clone


def _write(folder: Path, changed: dict[str, dict[str, int]]) -> None:
    for service, settings in changed.items():
        path = folder / service / "config.json"
        path.parent.mkdir(exist_ok=True)
        present = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**present, **settings}, indent=2) + "\n")


def _commit(folder: Path, subject: str, author: Author, date: str = "") -> None:
    git.run(folder, "add", "--all")
    git.run(folder, "commit", "--quiet", f"--message={subject}", author=author, date=date)
