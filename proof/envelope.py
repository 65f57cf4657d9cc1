"""What is really signed: the pre-authentication encoding of DSSE v1 (github.com/secure-systems-lab/dsse)."""

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def pae(payload_type: str, payload: bytes) -> bytes:
    """Bind bytes to their type, so that a signature over one kind of document is none over another."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


class SignatureError(ValueError):
    """A signature is missing, malformed, of the wrong kind, or wrong."""
