"""Judge in the small world of the factory, for the tests of the quorum."""

from proof import canonical, documents
from proof.quorum import evaluate
from tests.proof.cast import ALL_CLASSES, NOW, PASSKEY
from tests.proof.factory import change, limit, policy_document, recorded, registry, statement


def judge(change_bytes, sidecars, *, now=NOW, policy=None, people=None, **options):
    """The verdict about a change by sidecars, which the ledger took in in the order given, from entry 0 on."""
    policy = policy or policy_document()
    return evaluate(
        change_bytes, recorded(sidecars), people or registry(), policy, now=now, audience="executor:lab", **options
    )


def places(*listed):
    """An alternative of a quorum: (group, number) or (group, number, classes)."""
    return [{"group": one[0], "n": one[1], "classes": list(one[2]) if len(one) > 2 else []} for one in listed]


def ruled(quorum=(), *, people=1, tier="HIGH", policy=None, **more):
    """A policy whose limit for rolling back has this quorum, and a change under it."""
    listed = {**limit("config.rollback", tier, people, classes=ALL_CLASSES), "quorum": list(quorum), **more}
    rules = policy_document(limits=[listed], **(policy or {}))
    return rules, change(policy=rules, people=people, tier=tier)


def overridden(name, change_bytes, *, signer=None, **changes):
    """A person takes a change on themselves."""
    signer = signer or PASSKEY[name]
    value = canonical.loads(statement(name, change_bytes, signer))
    value["predicateType"] = documents.OVERRIDE
    value["predicate"] |= {"incident": "incident:42", "reason_commitment": "99" * 32, **changes}
    return signer.sign(canonical.dumps(value))


def twin_of(sidecar):
    """The same statement under the other ECDSA signature, (r, n - s)."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

    from proof.binary import b64url, unb64url

    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    value = canonical.loads(sidecar, max_bytes=99_000)
    r, s = decode_dss_signature(unb64url(value["signature"]))
    value["signature"] = b64url(encode_dss_signature(r, order - s))
    return canonical.dumps(value, max_bytes=99_000)
