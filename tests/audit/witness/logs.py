"""A log to be watched, and the witness program as it really runs."""

import hashlib
import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import checkpoint, merkle, note
from proof.checkpoint import Checkpoint
from proof.tlog import write_submission

ROOT = Path(__file__).resolve().parents[3]
ORIGIN = "countersign/" + "0b" * 16


class Log:
    """A log with a key; `leaves` may be whatever a liar wants."""

    def __init__(self, leaves=(), *, key="log", origin=ORIGIN):
        self.private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(key.encode()).digest())
        self.seed = hashlib.sha256(f"{key} seed".encode()).digest()
        self.origin = origin
        self.leaves = [merkle.leaf_hash(leaf) for leaf in leaves]

    @property
    def vkey(self):
        return str(note.verifier_key(self.origin, self.private.public_key()))

    @property
    def pq_vkey(self):
        from proof import lattice

        return str(note.ml_dsa_verifier_key(self.origin, lattice.public_of(self.seed)))

    def grow(self, count, word="leaf"):
        self.leaves += [merkle.leaf_hash(f"{word} {len(self.leaves) + place}".encode()) for place in range(count)]
        return self

    def head(self, size=None, *, pq=True):
        size = len(self.leaves) if size is None else size
        head = Checkpoint(origin=self.origin, size=size, root=merkle.root(self.leaves[:size]))
        return checkpoint.sign(head, self.private, self.seed if pq else b"")

    def submission(self, old, size=None):
        size = len(self.leaves) if size is None else size
        path = merkle.consistency_proof(old, self.leaves[:size]) if 0 < old <= size else []
        return write_submission(old, path, self.head(size))


class Program:
    """`python -m audit.witness`, started and stopped as its operator would."""

    def __init__(self, folder, *logs, name="witness.example/w1", port=0, package=ROOT):
        self.folder, self.logs, self.name, self.package = folder, logs, name, package
        self.port = port
        self.lines = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        arguments = [item for log in self.logs for item in ("--log", log)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "audit.witness", "--dir", str(self.folder), "--port", str(self.port),
             "--name", self.name, *arguments],
            cwd=self.package, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.startswith("listening"):
                self.port = int(line.rsplit(":", 1)[1])
                return
        why = self.process.stderr.read()
        self.stop()
        raise AssertionError(why)

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    @property
    def keys(self):
        return [note.parse_verifier_key(line.split()[1]) for line in self.lines if line.startswith("vkey")]

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body.encode() if isinstance(body, str) else body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.getheader("Content-Type")
        finally:
            connection.close()

    def submit(self, log, old, size=None):
        return self.ask("POST", "/add-checkpoint", log.submission(old, size))

    def newest(self, origin=ORIGIN):
        return self.ask("GET", f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint")
