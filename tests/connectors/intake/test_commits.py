import asyncio
import json
import threading

import pytest
from django.db import OperationalError

from connectors.intake import commits, door, sns_door, strict_json
from connectors.intake.commits import Commits
from connectors.intake.door import Post
from connectors.models import Delivery
from connectors.services.add_source import add_source
from core.actors import SYSTEM
from tests.connectors.intake.conftest import aside

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def rung(monkeypatch):
    rung = []
    monkeypatch.setattr("core.doorbell._send", lambda task, _, queue: rung.append((task, queue)))
    return lambda: [one for one in rung if one[0] == "connectors.drain"]


@pytest.fixture
def transactions(monkeypatch):
    """How many posts each transaction took."""
    taken, answer_all = [], door.answer_all

    def counted(posts, **more):
        taken.append(len(posts))
        return answer_all(posts, **more)

    monkeypatch.setattr(commits, "answer_all", counted)
    return taken


@pytest.fixture
def post(endpoint):
    def make(body=b'{"alerts": []}', **more):
        return Post(**{"kind": "alertmanager", "token": endpoint.token, "headers": JSON, "body": body} | more)

    return make


async def send(*posts):
    held = Commits()
    return await asyncio.gather(*(held.answer(one) for one in posts)), held


async def stored():
    return await aside(lambda: {one.uid: bytes(one.body) for one in Delivery.objects.all()})


async def test_posts_that_come_at_once_share_transactions_and_each_gets_its_own_id(post, transactions):
    bodies = [json.dumps({"alerts": [], "number": number}).encode() for number in range(450)]

    answers, _ = await send(*map(post, bodies))

    assert [one.status for one in answers] == [202] * 450
    told = {json.loads(one.body)["delivery_id"]: body for one, body in zip(answers, bodies, strict=True)}
    assert await stored() == told
    assert transactions == [200, 200, 50]


async def test_who_was_just_answered_is_waited_for(post, transactions, monkeypatch):
    monkeypatch.setattr(commits, "GATHER_S", 30.0)
    held = Commits()

    async def sends(number):
        for _ in range(3):
            assert (await held.answer(post())).status == 202
            await asyncio.sleep(number / 1000)

    async with asyncio.timeout(20):
        await asyncio.gather(*map(sends, range(5)))

    assert transactions == [5, 5, 5]


async def test_nobody_is_waited_for_by_one_alone_nor_for_ever(post, transactions, monkeypatch):
    monkeypatch.setattr(commits, "GATHER_S", 30.0)
    held = Commits()
    async with asyncio.timeout(20):
        for _ in range(3):
            await held.answer(post())
    monkeypatch.setattr(commits, "GATHER_S", 0.02)
    await asyncio.gather(*(held.answer(post()) for _ in range(4)))
    async with asyncio.timeout(20):
        await held.answer(post())  # the other three never come again

    assert transactions == [1, 1, 1, 4, 1]


async def test_who_is_refused_does_not_hinder_the_others(post, transactions):
    answers, _ = await send(post(), post(b"{"), post(token="guess"), post(headers={}), post(), post(method="PUT"))

    assert [one.status for one in answers] == [202, 400, 401, 415, 202, 405]
    assert len(await stored()) == 2
    assert transactions == [6]


@pytest.mark.parametrize(
    "said",
    [
        "application/json; charset*=nope''utf-8",
        "application/json; charset*0*=utf-8''x; charset*1=y",
        "application/json; charset*=''",
        "application/json; charset=",
        ";;;;charset=utf-8",
        "application/json; charset=" + "x" * 20_000,
        "\u00ff\u00fe; charset*=\u00ff''\u00fe",
    ],
)
async def test_a_content_type_that_is_odd_is_taken_or_refused_and_never_our_fault(post, said):
    (answer,), _ = await send(post(headers={"content-type": said}))

    assert answer.status in {202, 415}


async def test_a_post_that_no_one_can_judge_falls_alone(post, monkeypatch, transactions, caplog):
    parse = strict_json.parse

    def broken(body):
        if b"poison" in body:
            raise ZeroDivisionError
        return parse(body)

    monkeypatch.setattr(strict_json, "parse", broken)

    answers, _ = await send(post(), post(b'{"alerts": ["poison"]}'), post())

    assert [one.status for one in answers] == [202, 500, 202]
    assert json.loads(answers[1].body)["type"] == "urn:countersign:problem:fault"
    assert len(await stored()) == 2
    assert transactions == [3, 1, 1, 1]
    assert "could not be judged" in caplog.text


async def test_while_the_database_does_not_answer_senders_are_asked_to_come_again(post, monkeypatch):
    def gone(*_args, **_more):
        detail = "the connection is closed"
        raise OperationalError(detail)

    with monkeypatch.context() as patch:
        patch.setattr(door, "accept_all", gone)
        answers, held = await send(post(), post())
    (after,), _ = await send(post())

    for one in answers:
        assert (one.status, int(one.headers["Retry-After"]) > 0) == (503, True)
        assert json.loads(one.body)["type"] == "urn:countersign:problem:store-unreachable"
    assert (held.waiting, held.count, held.bytes) == ([], 0, 0)
    assert after.status == 202
    assert len(await stored()) == 1


@pytest.mark.parametrize("kind", ["alertmanager", "aws"])
@pytest.mark.parametrize(("bound", "most"), [("MOST_WAITING", 2), ("MOST_BYTES", 40)])
async def test_a_database_that_hangs_fills_no_memory(post, monkeypatch, bound, most, kind):
    monkeypatch.setattr(commits, bound, most)
    let_go, answer_all = threading.Event(), door.answer_all

    def hanging(posts, **more):
        let_go.wait(20)
        return answer_all(posts, **more)

    monkeypatch.setattr(commits, "answer_all", hanging)
    held = Commits()
    waiting = [asyncio.create_task(held.answer(post(kind=kind))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting += [asyncio.create_task(held.answer(post(kind=kind))) for _ in range(3)]
    await asyncio.sleep(0.05)
    refused = [one.result() for one in waiting if one.done()]
    let_go.set()
    answers = await asyncio.gather(*waiting)

    assert refused
    assert {(one.status, json.loads(one.body)["type"]) for one in refused} == {
        (503, "urn:countersign:problem:overloaded")
    }
    assert sum(one.status != 503 for one in answers) == 5 - len(refused)
    assert sum(one.status == 202 for one in answers) == len(await stored())
    assert (held.count, held.bytes) == (0, 0)


async def test_the_drain_is_rung_at_once_and_not_again_for_a_while(post, rung, monkeypatch):
    monkeypatch.setattr(commits, "RING_S", 3600)
    held = Commits()

    for _ in range(6):
        await held.answer(post())
    while not rung():  # noqa: ASYNC110 -- it is rung in another thread
        await asyncio.sleep(0.01)

    assert rung() == [("connectors.drain", "intake")]
    assert held.rings.wanted
    held.rings.task.cancel()


async def test_what_came_meanwhile_is_rung_for_after_that_while(post, rung, monkeypatch):
    monkeypatch.setattr(commits, "RING_S", 0.01)
    held = Commits()
    await held.answer(post())
    await held.rings.task

    before = len(rung())
    await held.answer(post())
    await held.rings.task

    assert len(rung()) > before >= 1
    assert not held.rings.wanted


async def test_a_check_that_asks_outside_holds_up_nobody(post, monkeypatch):
    asked, let_go = threading.Event(), threading.Event()

    def slow(_body):
        asked.set()
        let_go.wait(20)
        return "sns"

    monkeypatch.setattr(door, "CHECKS", {"aws": slow})
    assert "aws" in sns_checked()
    aws = await aside(lambda: add_source("aws", "AWS", actor=SYSTEM))
    held = Commits()
    checked = asyncio.create_task(held.answer(post(kind="aws", token=aws.token)))
    await asyncio.to_thread(asked.wait, 20)

    other = await held.answer(post())

    assert (other.status, checked.done()) == (202, False)
    let_go.set()
    assert (await checked).status == 202


def sns_checked():
    """The kinds that are checked outside, and the check of SNS among them."""
    return {kind for kind, check in commits.CHECKS.items() if check is sns_door.verdict_on}
