"""The GitOps loop: fetches the configuration repository every second and hands each service what is new for it.

Services never see the work tree: they read a published copy that is replaced in one step, and that names the commit
that last changed the service's file. What is not a flat JSON object of numbers is not published; the old stays.
"""

import json
import shutil
import signal
import sys
import time

from lab import git, layout, leash, repository
from lab.layout import Layout
from lab.services.journal import Journal

_EVERY_S = 1.0


class UnusableError(Exception):
    """A settings file that no service could work with."""


def parse(text: str) -> dict[str, int]:
    """Read a settings file.

    Raises:
        UnusableError: It is not a JSON object of whole numbers.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        message = f"it is not JSON: {error}"
        raise UnusableError(message) from error
    if not isinstance(content, dict) or not all(type(value) is int for value in content.values()):
        message = "it is not an object of whole numbers"
        raise UnusableError(message)
    return content


class Reconciler:
    """Brings what runs to what the branch says."""

    def __init__(self, place: Layout, journal: Journal) -> None:
        self._place = place
        self._journal = journal
        self._head = ""

    def start(self) -> None:
        """Clone afresh, and publish the present state."""
        tree = self._place.work_tree
        if tree.exists():
            shutil.rmtree(tree)  # a killed git may have left a lock in it
        source = str(self._place.repository)
        git.run(self._place.root, "clone", "--quiet", "--branch", repository.BRANCH, source, str(tree))
        self.step()

    def step(self) -> None:
        """Fetch; when the branch moved, check it out and publish what changed."""
        tree = self._place.work_tree
        git.run(tree, "fetch", "--quiet", "origin", repository.BRANCH)
        head = (tree / ".git" / "FETCH_HEAD").read_text().split("\t", 1)[0]
        if head == self._head:
            return
        git.run(tree, "reset", "--quiet", "--hard", head)
        self._journal.info("checked out", revision=head, subject=repository.subject_of(tree, head))
        self._head = head
        for service in layout.SERVICES:
            self._publish(service)

    def _publish(self, service: str) -> None:
        name = f"{service}/config.json"
        try:
            values = parse((self._place.work_tree / name).read_text())
        except (UnusableError, OSError) as error:
            self._journal.error(f"{name} stays as it was: {error}", revision=self._head)
            return
        revision = git.run(self._place.work_tree, "log", "-1", "--format=%H", "HEAD", "--", name)
        target = self._place.published(service)
        text = json.dumps({"revision": revision, "values": values})
        if not target.exists() or target.read_text() != text:
            layout.write_atomically(target, text)
            self._journal.info(f"published {name}", revision=revision, target=service)


def prepare(place: Layout) -> None:
    """Publish once before any service starts, so that each finds its settings."""
    place.published("any").parent.mkdir(parents=True, exist_ok=True)
    with (place.logs / "prepare.log").open("a") as stream:
        Reconciler(place, Journal("reconciler", stream)).start()


def main() -> None:
    """Loop until SIGTERM; a failed round is logged and tried again."""
    leash.die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    journal = Journal("reconciler")
    loop = Reconciler(layout.here(), journal)
    while True:
        try:
            loop.step()
        except git.GitError as error:
            journal.error(f"the repository could not be read: {error}")
        time.sleep(_EVERY_S)


if __name__ == "__main__":
    main()
