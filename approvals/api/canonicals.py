"""What was signed has one form: canonical bytes. Browsers send an object, the command line the text."""

from core.errors import BadInputError
from proof import canonical

MAX_BYTES = 100_000


def sidecar_bytes(sidecar: object) -> bytes:
    """A sidecar's canonical bytes.

    Raises:
        BadInputError: It has none.
    """
    try:
        return sidecar.encode("utf-8") if isinstance(sidecar, str) else canonical.dumps(sidecar, max_bytes=MAX_BYTES)
    except (canonical.CanonicalError, UnicodeEncodeError) as error:
        detail = f"This is not a signed statement: {error}"
        raise BadInputError(detail) from error
