"""Ports: free, low, and the same again."""

import json
import socket

import pytest

from lab import ports

NAMES = ("a", "b", "c")


def test_the_next_start_finds_the_same_ports(tmp_path):
    first = ports.choose(NAMES, tmp_path / "ports.json", None)

    assert ports.choose(NAMES, tmp_path / "ports.json", None) == first
    assert all(port < 32_768 for port in first.values())


def test_a_remembered_port_that_is_taken_is_given_up(tmp_path):
    first = ports.choose(NAMES, tmp_path / "ports.json", None)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first["b"]))
        other.listen()

        assert ports.choose(NAMES, tmp_path / "ports.json", None) != first


def test_a_wanted_port_that_is_taken_is_an_error_that_says_so(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        base = other.getsockname()[1]

        with pytest.raises(ports.NoPortsError, match=str(base)):
            ports.choose(NAMES, tmp_path / "ports.json", base)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"a": "x"}', json.dumps({"a": 1, "b": 2})])
def test_a_damaged_memory_is_no_obstacle(tmp_path, content):
    (tmp_path / "ports.json").write_text(content)

    assert set(ports.choose(NAMES, tmp_path / "ports.json", None)) == set(NAMES)
