"""What checking a bundle offline costs: a log of many entries, with a change signed and run in each thousand.

`python benchmarks/verify.py [ENTRIES]`. CPU time, since other work may share the machine; memory is the peak of the
verifier's own process. The baseline is SHA-256 over the same bytes, once.
"""

import hashlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from proof import canonical, checkpoint
from proof.archive import Reader
from proof.bundle import ChangeRecord, Contents, pack_to
from proof.checkpoint import Checkpoint
from proof.detached import sign_detached
from proof.lines import entry_lines
from proof.merkle import CompactRange, leaf_hash
from tests.proof.cast import LOG, PASSKEY, at, pem
from tests.proof.cast import ROOT as ROOT_KEY
from tests.proof.exports import LOG_KEY, ORIGIN, entry, publications, signed_policy
from tests.proof.factory import change, decide, signed_registry

ENTRIES, EVERY = 100_000, 1_000


class Log:
    """Makes the entries one after the other; what they name is kept, they are not."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.registry, self.policies = [signed_registry()], [signed_policy()]
        self.documents: list[bytes] = []
        self.records: list[ChangeRecord] = []
        self._plain = entry(0, "incident.correlated", at(7))

    def bodies(self) -> Iterator[bytes]:
        """Every body, in order; the same each time."""
        yield from publications(self.registry, self.policies)
        for number in range(2, self.size):
            place = number % EVERY
            if place < 3 and number >= EVERY:
                yield self._of_change(number // EVERY, place, number)
            else:
                yield self._plain.replace(b'"uid":"' + b"0" * 32, b'"uid":"%032x' % number)

    def _of_change(self, which: int, place: int, number: int) -> bytes:
        plan = change(id=f"{which:032x}", incident=f"incident:{which}", nonce=f"{which:032x}")
        digest = canonical.sha256(plan)
        if place == 0:
            return entry(number, "change.frozen", at(5), change=digest)
        if place == 2:
            return entry(number, "run.intended", at(10), change=digest)
        sidecar = self._decided(which, plan)
        return entry(number, "decision.recorded", at(9), change=digest, sidecar=canonical.sha256(sidecar))

    def _decided(self, which: int, plan: bytes) -> bytes:
        if which > len(self.records):
            sidecar = decide("ben", plan, signer=PASSKEY["ben"])
            self.documents += [plan, sidecar]
            record = ChangeRecord(digest=canonical.sha256(plan), sidecars=(canonical.sha256(sidecar),), ran=True)
            self.records.append(record)
        return self.documents[2 * which - 1]


def made(size: int, path: Path) -> None:
    """Write the bundle; twice through the log, once for its head and once for its bodies."""
    log, tree = Log(size), CompactRange()
    for body in log.bodies():
        tree.append(leaf_hash(body))
    head = checkpoint.sign(Checkpoint(origin=ORIGIN, size=tree.size, root=tree.root()), LOG)
    contents = Contents(
        kind="complete", origin=ORIGIN, first=0, last=size, checkpoint=head, entries=enumerate(log.bodies()),
        registry=log.registry, policies=log.policies, documents=log.documents,
        changes=sorted(log.records, key=lambda record: record.digest), assurance={"witnesses": 0},
    )  # fmt: skip
    with path.open("w+b") as out:
        pack_to(out, contents, partial(sign_detached, LOG))


def hashed_once(path: Path) -> float:
    """CPU seconds to hash the entries' bytes."""
    with path.open("rb") as stream:
        archive, digest, began = Reader(stream), hashlib.sha256(), time.process_time()
        for chunk in archive.chunks("entries.jsonl"):
            digest.update(chunk)
        return time.process_time() - began


def tree_alone(path: Path) -> float:
    """CPU seconds for the leaves and the tree over them."""
    with path.open("rb") as stream:
        archive, tree, began = Reader(stream), CompactRange(), time.process_time()
        sha256 = hashlib.sha256
        for lines in entry_lines(archive.chunks("entries.jsonl"), hashlib.sha256()):
            tree.extend([sha256(b"\0" + line).digest() for line in lines])
        tree.root()
        return time.process_time() - began


def everything(path: Path, keys: Path) -> tuple[float, float, str]:
    """CPU seconds and peak megabytes of `python -m proof`, and the first line of what it says."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "proof", str(path), "--keys", str(keys), "--require-pinned"]
    peak = 0.0
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, cwd=ROOT, stdout=told)
        while process.poll() is None:
            peak = max(peak, _peak_mb(process.pid))
            time.sleep(0.05)
        told.seek(0)
        said = told.readline()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert process.returncode == 0, said
    return spent, peak, said.split(":")[0]


def _peak_mb(pid: int) -> float:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def rows(size: int) -> list[str]:
    """The figures as rows of a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        path, keys = Path(folder) / "b.tar", Path(folder) / "keys.json"
        keys.write_text(json.dumps({"root_public": pem(ROOT_KEY), "log": LOG_KEY}))
        made(size, path)
        megabytes = path.stat().st_size / 2**20
        once, tree = hashed_once(path), tree_alone(path)
        spent, peak, said = everything(path, keys)
    every = f"`python -m proof`, every check, {size // EVERY:,} runs judged: {said}"
    return [
        f"| baseline: SHA-256 of {megabytes:.0f} MB, {size:,} entries | {size / once:,.0f} | 1.00 | |",
        f"| leaves and tree | {size / tree:,.0f} | {once / tree:.2f} | |",
        f"| {every} | {size / spent:,.0f} | {once / spent:.2f} | {peak:.0f} |",
    ]


def main(size: int = ENTRIES) -> None:
    """Print the table."""
    head = ["\n| checked offline | entries a CPU second | against the baseline | peak MB |", "|---|---|---|---|"]
    print("\n".join([*head, *rows(size)]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else ENTRIES)
