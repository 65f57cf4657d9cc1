"""What benchmarks/ledger.py measures, in a process whose Django has the database."""

import os
import secrets
import statistics
import threading
import time
from collections.abc import Callable

import django

django.setup()

from django.db import connection, transaction

from audit import ledger
from audit.ledger import Deed
from audit.models import Checkpoint, Leaf, Pending
from audit.services.sequence import sequence, sequence_all
from audit.tasks import placing
from core import clock, doorbell
from core.actors import SYSTEM

SECONDS = 2.0
ROUNDS = 3
TOGETHER = 20
LEAVES = 20_000
LOAD_PER_S = 300
LOAD_SECONDS = 8.0
FACTS = {"summary": "Errors of payments rise above one in a hundred.", "severity": "high", "count": 12}


def measure() -> None:
    """All of it, in a process whose Django has the database."""
    doorbell._send = lambda *_: None  # noqa: SLF001 -- the broker is not what is measured here
    print("\n| ledger | a second | against raw inserts |\n|---|---|---|")
    for writers in (1, 8):
        raw, framed, appended, together = rates(writers)
        print(f"| raw single-row inserts, {writers} at once | {raw:.0f} | 1.00 |")
        print(f"| the same between BEGIN and COMMIT, {writers} at once | {framed:.0f} | {framed / raw:.2f} |")
        print(f"| `ledger.append`, {writers} at once | {appended:.0f} | {appended / raw:.2f} |")
        together *= TOGETHER
        told = f"`ledger.append_all`, {TOGETHER} in a transaction, {writers} at once"
        print(f"| {told} | {together:.0f} | {together / raw:.2f} |", flush=True)
    cpu, wall = placed_per_second()
    print(f"| leaves placed and sealed, per CPU second of ours | {cpu:.0f} | |")
    print(f"| leaves placed and sealed, wall | {wall:.0f} | |", flush=True)
    half, most, count = head_lag()
    told = f"{count} entries at {LOAD_PER_S}/s beside a sequencer"
    print(f"\nUnder a signed head after {half:.2f} s (half), {most:.2f} s (99 of 100): {told}.")


def rates(writers: int) -> tuple[float, ...]:
    """Durable rows a second, raw, raw in a transaction, appended: medians of rounds that take turns."""
    kinds = (raw_writer, framed_writer, appending_writer, batch_writer)
    rounds = [[rate(kind, writers) for kind in kinds] for _ in range(ROUNDS)]
    return tuple(statistics.median(column) for column in zip(*rounds, strict=True))


def rate(make: Callable[[], Callable[[], None]], writers: int) -> float:
    """How many of these a second, in a closed loop of so many threads."""
    counts, began = [0] * writers, threading.Barrier(writers + 1)
    stop = threading.Event()

    def work(place: int) -> None:
        write = make()
        write()
        began.wait()
        while not stop.is_set():
            write()
            counts[place] += 1
        connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(writers)]
    for thread in threads:
        thread.start()
    began.wait()
    start = time.perf_counter()
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def raw_writer() -> Callable[[], None]:
    """One row of the same size into the same table, each its own transaction: the driver and the database alone."""
    body, facts, salt = os.urandom(420), os.urandom(110), os.urandom(16)
    statement = (
        "INSERT INTO audit_entry (uid, at, actor, verb, subject, body, facts, facts_salt)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
    )
    cursor = connection.cursor()

    def write() -> None:
        uid = secrets.token_hex(16)
        cursor.execute(statement, [uid, clock.now(), "service:raw", "raw.row", f"raw:{uid}", body, facts, salt])

    return write


def framed_writer() -> Callable[[], None]:
    """The same in a transaction that is opened and closed, as every append's is."""
    write = raw_writer()

    def framed() -> None:
        with transaction.atomic():
            write()

    return framed


def appending_writer() -> Callable[[], None]:
    """An entry as the product writes one."""

    def write() -> None:
        with transaction.atomic():
            ledger.append(actor=SYSTEM, verb="bench.noted", subject=f"bench:{secrets.token_hex(4)}", facts=FACTS)

    return write


def batch_writer() -> Callable[[], None]:
    """Entries as intake writes them: those of one transaction together."""

    def write() -> None:
        deeds = [
            Deed(verb="bench.noted", subject=f"bench:{secrets.token_hex(4)}", facts=FACTS) for _ in range(TOGETHER)
        ]
        with transaction.atomic():
            ledger.append_all(deeds, actor=SYSTEM)

    return write


def placed_per_second() -> tuple[float, float]:
    """Leaves a second of our CPU, and of the wall."""
    drop_raw()
    sequence_all()
    connection.close()  # the pool is for the writers now
    write = appending_writer()
    spread([write] * 8, LEAVES)
    waiting = Pending.objects.count()
    cpu, wall = time.process_time(), time.perf_counter()
    while sequence():
        pass
    return waiting / (time.process_time() - cpu), waiting / (time.perf_counter() - wall)


def drop_raw() -> None:
    """The raw rows are no entries; take them out as an owner of the database can."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM audit_entry WHERE verb = 'raw.row'")
        cursor.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_change")
        cursor.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_truncate")


def spread(jobs: list[Callable[[], None]], total: int) -> None:
    """So many runs of the jobs, shared among a thread each."""

    def work(job: Callable[[], None]) -> None:
        for _ in range(total // len(jobs)):
            job()
        connection.close()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def head_lag() -> tuple[float, float, int]:
    """Seconds from an entry's time to the first signed head over it: half, 99 of 100; and of how many entries."""
    before, done = Leaf.objects.count(), threading.Event()

    def place() -> None:
        while not done.is_set():
            placing.ask()
        placing.ask()
        connection.close()

    def load() -> None:
        write, start = appending_writer(), time.perf_counter()
        for number in range(int(LOAD_PER_S * LOAD_SECONDS / 4)):
            time.sleep(max(0.0, start + number * 4 / LOAD_PER_S - time.perf_counter()))
            write()
        connection.close()

    sequencer, loads = threading.Thread(target=place), [threading.Thread(target=load) for _ in range(4)]
    for thread in (sequencer, *loads):
        thread.start()
    for thread in loads:
        thread.join()
    done.set()
    sequencer.join()
    cuts = statistics.quantiles(late_by(before), n=100)
    return cuts[49], cuts[98], Leaf.objects.count() - before


def late_by(first: int) -> list[float]:
    """For each record from there on, seconds from its time to that of the first signed head over it."""
    heads = list(Checkpoint.objects.order_by("size").values_list("size", "created_at"))
    late = []
    for seq, at in Leaf.objects.filter(seq__gte=first).order_by("seq").values_list("seq", "entry__at"):
        while heads[0][0] <= seq:
            heads.pop(0)
        late.append((heads[0][1] - at).total_seconds())
    return late


if __name__ == "__main__":
    measure()
