"""Against a real supervisord with the lab's plug-in for marks."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.base import ActuatorError, ReaderError
from connectors.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
KEY = "0123456789abcdef0123456789abcdef"
CONFIG = """
[supervisord]
nodaemon = true
logfile = {folder}/supervisord.log
pidfile = {folder}/supervisord.pid
childlogdir = {folder}
[inet_http_server]
port = 127.0.0.1:{port}
username = lab
password = hush
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[rpcinterface:marks]
supervisor.rpcinterface_factory = lab.supervisor_marks:make_marks
journal = {folder}/marks.jsonl
[program:checkout]
command = {python} {folder}/service.py
autorestart = true
startsecs = 0
stdout_logfile = {folder}/checkout.log
[program:broken]
command = /bin/false
autostart = false
startsecs = 5
startretries = 1
autorestart = false
"""
SERVICE = """
import json, time
print("plain words", flush=True)
print(json.dumps({"at": "2026-03-01T12:00:00Z", "level": "ERROR", "message": "out of memory", "heap": 7}), flush=True)
print(json.dumps({"ts": 1772366400, "msg": "back"}), flush=True)
while True:
    time.sleep(1)
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A supervisord of our own, ended by its own number."""
    folder = tmp_path_factory.mktemp("supervisord")
    number = free_port()
    (folder / "service.py").write_text(SERVICE)
    config = folder / "supervisord.conf"
    config.write_text(CONFIG.format(folder=folder, port=number, python=sys.executable))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
    daemon = subprocess.Popen([sys.executable, "-m", "supervisor.supervisord", "-c", str(config)], cwd=ROOT, **quiet)
    try:
        wait_for(lambda: connect(number).state("checkout") == "RUNNING")
        wait_for(lambda: len(connect(number).tail("checkout", max_bytes=10_000)) >= 3)
        yield number
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)


def free_port():
    """Below the range from which the system lends ports to clients."""
    for number in random.sample(range(21_000, 32_000), 50):
        with socket.socket() as free:
            if free.connect_ex(("127.0.0.1", number)):
                return number
    raise AssertionError("no port is free")


def connect(port, password="hush"):
    return Supervisor({"url": f"http://127.0.0.1:{port}"}, {"user": "lab", "password": password})


def wait_for(holds):
    for _ in range(600):
        try:
            if holds():
                return
        except ReaderError:
            pass
        time.sleep(0.05)
    pytest.fail("it never came to be")


def test_logs_are_read_as_lines_with_time_level_and_fields(port):
    lines = connect(port).tail("checkout", max_bytes=10_000)[:3]

    assert [line.message for line in lines] == ["plain words", "out of memory", "back"]
    assert (lines[1].level, dict(lines[1].fields)) == ("error", {"heap": 7})
    assert lines[1].at == lines[2].at
    assert lines[0].at is None


def test_a_first_line_cut_in_half_is_left_out(port):
    size = len(json.dumps({"ts": 1772366400, "msg": "back"})) + 5

    lines = connect(port).tail("checkout", max_bytes=size)

    assert [line.message for line in lines] == ["back"]


def test_a_restart_happens_once_per_key_and_is_seen_to_run(port):
    supervisor = connect(port)
    before = supervisor.probe("process-start", {"process": "checkout"})
    assert supervisor.look(KEY, {"process": "checkout"}) is None

    done = supervisor.act({"process": "checkout"}, KEY, 20)
    after = supervisor.probe("process-start", {"process": "checkout"})
    again = supervisor.act({"process": "checkout"}, KEY, 20)

    assert before == f"pid {done['pid_before']} since {before.split()[-1]}"
    assert after.startswith(f"pid {done['pid_after']} since ")
    assert again == done
    assert supervisor.look(KEY, {})["pid_before"] == done["pid_before"]
    assert supervisor.probe("process-start", {"process": "checkout"}) == after


def test_one_key_is_not_good_for_another_process(port):
    supervisor = connect(port)
    supervisor.act({"process": "checkout"}, "a" * 32, 20)

    with pytest.raises(ActuatorError, match="used for checkout") as refused:
        supervisor.act({"process": "broken"}, "a" * 32, 20)
    assert refused.value.facts["uncertain"] is False


def test_a_process_that_does_not_come_back_is_told_as_uncertain(port):
    with pytest.raises(ActuatorError, match=r"did not run again within 0\.5 s") as refused:
        connect(port).act({"process": "broken"}, "b" * 32, 0.5)

    assert refused.value.facts["uncertain"] is True


def test_what_an_account_may_do_is_asked_before_anybody_signs(port):
    answer = connect(port).may_act({"process": "checkout"})

    assert (answer.applies, answer.sentence) == (True, "supervisor lets this account restart checkout.")
    with pytest.raises(ReaderError):
        connect(port).may_act({"process": "nothing"})
    with pytest.raises(ReaderError, match="password"):
        connect(port, password="wrong").may_act({"process": "checkout"})


def test_unknown_names_are_errors_in_sentences(port):
    supervisor = connect(port)

    for ask in (
        lambda: supervisor.tail("nobody", max_bytes=100),
        lambda: supervisor.state("nobody"),
        lambda: supervisor.probe("process-state", {"process": "nobody"}),
    ):
        with pytest.raises(ReaderError, match="no process 'nobody'"):
            ask()
    for params in ({"process": "nobody"}, {}):
        with pytest.raises(ActuatorError):
            supervisor.act(params, "c" * 32, 5)
    with pytest.raises(ActuatorError, match="no probe"):
        supervisor.probe("weather", {"process": "checkout"})


def test_states_are_supervisord_s_words(port):
    assert connect(port).probe("process-state", {"process": "checkout"}) == "RUNNING"


def test_a_wrong_password_is_a_sentence_without_it(port):
    with pytest.raises(ReaderError, match="HTTP 401") as refused:
        connect(port, "wrong-hush").state("checkout")
    assert "wrong-hush" not in refused.value.detail


def test_a_supervisor_that_is_gone_leaves_an_act_uncertain(unused_tcp_port):
    gone = connect(unused_tcp_port)

    with pytest.raises(ActuatorError) as refused:
        gone.act({"process": "checkout"}, KEY, 1)
    assert refused.value.facts["uncertain"] is True
    with pytest.raises(ReaderError):
        gone.look(KEY, {})


MEMBER = "<struct><member><value>x</value></member></struct>"  # without its name
HALF = f"<methodResponse><params><param><value>{MEMBER}</value></param></params></methodResponse>"
NO_FAULT = "<methodResponse><fault><value>3</value></fault></methodResponse>"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<?xml version='1.0'?><methodResponse></methodResponse>",
        b"<methodResponse><params></params></methodResponse>",
        HALF.encode(),
        NO_FAULT.encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_xml_rpc_is_a_sentence(reply_json, body):
    url, _ = reply_json(body)

    with pytest.raises(ReaderError):
        Supervisor({"url": url}, {}).state("checkout")


def test_a_bomb_of_entities_is_refused(reply_json):
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    value = "<params><param><value><string>&e12;</string></value></param></params>"
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'
    bomb = f'<?xml version="1.0"?>{doctype}<methodResponse>{value}</methodResponse>'
    url, _ = reply_json(bomb.encode())

    with pytest.raises(ReaderError):
        Supervisor({"url": url}, {}).state("checkout")
