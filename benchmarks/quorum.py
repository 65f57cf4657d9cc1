"""What a judgement costs: two passkeys, the registry and the policy read, as the executor does it before every run.

CPU time of this process, best of several rounds; the baseline is one bare check of an ECDSA signature.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from proof import documents
from proof.quorum import State, evaluate
from proof.registry import parse_registry, verify_policy
from proof.signed import _read as signed_again
from tests.proof.cast import NOW, PASSKEY, pem
from tests.proof.cast import ROOT as ROOT_KEY
from tests.proof.exports import signed_policy
from tests.proof.factory import change, decide, person_entry, recorded, signed_registry

ROUNDS, TIMES = 5, 40
CROWD = 500
"""People in a large registry."""


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of one piece of work, the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(TIMES):
            work()
        best = min(best, (time.process_time() - began) / TIMES)
    return best * 1000


def measured() -> list[tuple[str, float]]:
    """(what, CPU milliseconds), the baseline first."""
    policy, policy_signatures = signed_policy()
    plan = change(people=2)
    sidecars = [decide(name, plan, signer=PASSKEY[name]) for name in ("ben", "cleo")]
    signed = b"x" * 69
    chain = [signed_registry()]
    crowd = [signed_registry(persons=[person_entry("ben"), person_entry("cleo"), *_strangers()])]
    small, large = (parse_registry(listed, root_public=pem(ROOT_KEY)) for listed in (chain, crowd))
    private = PASSKEY["ben"].private
    raw = private.sign(signed, ec.ECDSA(SHA256()))
    public = private.public_key()

    def judged(people: object) -> None:
        signed_again.cache_clear()  # what a process reads for the first time
        found = evaluate(plan, recorded(sidecars), people, policy, now=NOW, audience="executor:lab")
        assert found.state is State.GRANTED

    def everything() -> None:
        versions = (parse_registry(chain, root_public=pem(ROOT_KEY)),)
        created = documents.parse_policy(policy).created_at
        verify_policy(policy, policy_signatures, versions, created_at=created)
        judged(versions[0])

    return [
        ("baseline: one ECDSA signature checked", cpu_ms(lambda: public.verify(raw, signed, ec.ECDSA(SHA256())))),
        ("two passkeys judged", cpu_ms(lambda: judged(small))),
        (f"two passkeys judged, registry of {CROWD + 2} people", cpu_ms(lambda: judged(large))),
        ("the same with registry and policy read and their signatures checked", cpu_ms(everything)),
    ]


def rows() -> list[str]:
    """The figures as rows of a Markdown table."""
    found = measured()
    baseline = found[0][1]
    return [f"| {what} | {spent:.2f} | {spent / baseline:.0f} |" for what, spent in found]


def _strangers() -> list[dict[str, object]]:
    return [{**person_entry("ben"), "person_id": f"p{number}", "keys": []} for number in range(CROWD)]


def main() -> None:
    """Print the table."""
    print("\n".join(["\n| a judgement | CPU ms | times the baseline |", "|---|---|---|", *rows()]))


if __name__ == "__main__":
    main()
