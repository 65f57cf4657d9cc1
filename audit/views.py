"""The log for outsiders' tools: its signed head, its tiles, and a proof for each record (C2SP tlog-tiles, tlog-proof).

What is served holds ids and digests and no facts, and each byte of it can be checked against the signed head.
"""

from collections.abc import Iterable

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from audit import keystore, selectors, tiles, witnesses
from audit.permissions import grants
from audit.selectors import SignedHead
from core.errors import NotFoundError
from core.permissions import Permission
from proof.tlog import NUMBER, TILE_WIDTH, Proof, TlogError, number_of, write_proof

SCOPE = "ledger:read"
TEXT, BINARY = "text/plain; charset=utf-8", "application/octet-stream"
FOR_EVER, NOW = "private, max-age=31536000, immutable", "private, no-cache"


class MayRead(BasePermission):
    """Who may read the audit list may read the log; a token needs the scope `ledger:read`."""

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Ask the table of grants, and the token if there is one."""
        as_actor = getattr(request.user, "as_actor", None)
        if as_actor is None or (request.auth is not None and SCOPE not in getattr(request.auth, "scopes", ())):
            return False
        return grants.allow(Permission.AUDIT_READ, as_actor())


class AsItIs(BaseContentNegotiation):
    """Tools that read logs ask for any type or none; there is one form of each thing here."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:  # noqa: ARG002
        """Nothing that is sent here is ever read."""
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002
    ) -> tuple[BaseRenderer, str]:
        """The renderer of errors."""
        found = next(iter(renderers))
        return found, found.media_type or ""


class LedgerView(APIView):
    """What all addresses of the log share."""

    permission_classes = (MayRead,)
    content_negotiation_class = AsItIs


@extend_schema(exclude=True)
class CheckpointView(LedgerView):
    """`/ledger/checkpoint`: the newest signed head, with the witnesses' lines that have arrived."""

    def get(self, _request: Request) -> HttpResponse:
        """The note."""
        return _answer(_head().note.encode("utf-8"), TEXT, NOW)


@extend_schema(exclude=True)
class TileView(LedgerView):
    """`/ledger/tile/<L>/<N>[.p/<W>]` and `/ledger/tile/entries/<N>[.p/<W>]`."""

    def get(self, _request: Request, place: str) -> HttpResponse:
        """The bytes, as far as the signed tree reaches."""
        level, number, width = _place(place)
        size = _head().size
        if level is None:
            return _answer(tiles.entry_bundle(number, width, size), BINARY, FOR_EVER)
        return _answer(tiles.hash_tile(level, number, width, size), BINARY, FOR_EVER)


@extend_schema(exclude=True)
class EntryProofView(LedgerView):
    """`/ledger/entries/<seq>/proof`: that a record stands in the log, for who has the log's key."""

    def get(self, _request: Request, seq: int) -> HttpResponse:
        """A `.tlog-proof` file."""
        head = _head()
        if seq >= head.size:
            detail = f"The signed tree of {head.size} records has no record {seq}."
            raise NotFoundError(detail, size=head.size)
        path = tuple(tiles.inclusion_proof(seq, head.size))
        text = write_proof(Proof(index=seq, path=path, checkpoint=head.note))
        answer = _answer(text.encode("utf-8"), TEXT, NOW)
        answer["Content-Disposition"] = f'attachment; filename="{seq}.tlog-proof"'
        return answer


@extend_schema(exclude=True)
class WitnessKeysView(LedgerView):
    """`/ledger/witness-keys`: whose signatures to look for, as a C2SP tlog-policy."""

    def get(self, _request: Request) -> HttpResponse:
        """The policy. A stranger takes these keys from the witnesses themselves, and only compares them with these."""
        lines = [f"log {key}" for key in keystore.log_verifiers()]
        names: list[str] = []
        for witness in witnesses.configured():
            for key in witness.keys:
                names.append(f"w{len(names) + 1}")
                lines.append(f"witness {names[-1]} {key} {witness.url}")
        if names:
            lines.append(f"group witnesses any {' '.join(names)}")
        lines.append(f"quorum {'witnesses' if names else 'none'}")
        return _answer(("\n".join(lines) + "\n").encode("utf-8"), TEXT, NOW)


def _head() -> SignedHead:
    head = selectors.cosigned_head()
    if head is None:
        detail = "No head of the tree was signed yet. Try again in a moment."
        raise NotFoundError(detail)
    return head


def _place(place: str) -> tuple[int | None, int, int]:
    """Level (None for entries), number and width of a tile's address."""
    folder, _, rest = place.partition("/")
    name, partial, width = rest.partition(".p/")
    try:
        level = None if folder == "entries" else _number(folder)
        return level, number_of(name), _number(width, below=TILE_WIDTH) if partial else TILE_WIDTH
    except TlogError as error:
        detail = "There is no such tile. Write it as in c2sp.org/tlog-tiles, such as 0/x001/067.p/12."
        raise NotFoundError(detail) from error


def _number(text: str, *, below: int = 64) -> int:
    if not NUMBER.fullmatch(text) or int(text) >= below:
        raise TlogError(text)
    return int(text)


def _answer(content: bytes, kind: str, caching: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Cache-Control"] = caching
    return answer
