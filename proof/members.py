"""The members of a bundle, each held against the manifest when it is read, and none left unread."""

from collections.abc import Iterator, Mapping

from proof import canonical
from proof.archive import ArchiveError, Reader
from proof.contents import BundleError, Manifest, other_file

DOCUMENTS = "documents/"


class Members:
    """What is in an opened bundle."""

    def __init__(self, manifest: Manifest, archive: Reader) -> None:
        self.manifest = manifest
        self._archive = archive
        self._digests = {name: digest for name, _, digest in manifest.members}
        self._unread = set(self._digests)

    def names(self, folder: str) -> list[str]:
        """The members of a folder, in their order."""
        return [name for name in self._digests if name.startswith(folder)]

    def has(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self._digests

    def take(self, name: str) -> bytes:
        """A member's bytes; empty if there is none.

        Raises:
            BundleError: They are not those of the manifest.
        """
        if name not in self._digests:
            return b""
        data = self._read(name)
        if canonical.sha256(data) != self._digests[name]:
            raise BundleError(other_file(name))
        self._unread.discard(name)
        return data

    def raw(self, name: str) -> bytes:
        """A member that the manifest cannot list: itself, and its signature."""
        return self._read(name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A large member piece by piece; `settle` it with the digest of what came."""
        try:
            yield from self._archive.chunks(name)
        except ArchiveError as error:
            raise BundleError(str(error)) from error

    def settle(self, name: str, digest: str) -> None:
        """Say what the pieces of a member came to.

        Raises:
            BundleError: That is not what the manifest says.
        """
        if self._digests.get(name) != digest:
            raise BundleError(other_file(name))
        self._unread.discard(name)

    def find(self, digest: str) -> bytes | None:
        """A document by its digest."""
        name = DOCUMENTS + digest
        return self.take(name) if name in self._digests else None

    def finish(self) -> None:
        """No member may have been passed over: what nobody reads, nobody has checked.

        Raises:
            BundleError: One was.
        """
        for name in sorted(self._unread):
            msg = f"{name} does not belong into a bundle."
            raise BundleError(msg)

    def _read(self, name: str) -> bytes:
        try:
            return self._archive.read(name)
        except ArchiveError as error:
            raise BundleError(str(error)) from error


class Documents(Mapping[str, bytes]):
    """The documents of a bundle by digest, read when somebody asks; each has been held against its name before."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._digests = {name.removeprefix(DOCUMENTS): None for name in members.names(DOCUMENTS)}

    def __getitem__(self, digest: str) -> bytes:
        if digest not in self._digests:
            raise KeyError(digest)
        return self._members.take(DOCUMENTS + digest)

    def __contains__(self, digest: object) -> bool:
        return digest in self._digests

    def __iter__(self) -> Iterator[str]:
        return iter(self._digests)

    def __len__(self) -> int:
        return len(self._digests)
