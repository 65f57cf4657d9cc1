"""Payload files of our own, made from each vendor's documentation: read as the file beside them says.

`payloads/<wire format>/<name>.json` (of mail `.eml`, of forms `.multipart`) is the body, `<name>.expected.json` what
must come of it; its events name the fields that matter, its `same` further files of the folder whose first alert is the
same alert again.
"""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

FOLDER = Path(__file__).parents[1] / "payloads"
SUFFIXES = {".json", ".eml", ".multipart"}
BODIES = sorted(
    path for path in FOLDER.glob("*/*") if path.suffix in SUFFIXES and not path.name.endswith(".expected.json")
)


def expected_of(path):
    return json.loads(path.with_suffix(".expected.json").read_text())


def told_of(capsys, *paths):
    call_command("normalise", paths[0].parent.name, *map(str, paths))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("path", BODIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_payload_is_read_as_it_should_be(path, capsys):
    expected = expected_of(path)

    (told,) = told_of(capsys, path)

    assert (told["file"], told["outcome"]) == (f"{path.parent.name}/{path.name}", expected["outcome"])
    assert len(told["events"]) == len(expected.get("events", []))
    for event, wanted in zip(told["events"], expected.get("events", []), strict=True):
        assert {name: event[name] for name in wanted} == wanted
    for words in expected.get("warnings", []):
        assert any(words in warning for warning in told["warnings"]), words


@pytest.mark.parametrize("folder", sorted({path.parent for path in BODIES}), ids=lambda folder: folder.name)
def test_the_same_alert_has_one_fingerprint_and_others_have_others(folder, capsys):
    paths = [path for path in BODIES if path.parent == folder]
    prints = {
        told["file"].partition("/")[2]: [one["fingerprint"] for one in told["events"]]
        for told in told_of(capsys, *paths)
    }
    together = {path.name: {path.name, *expected_of(path).get("same", [])} for path in paths}

    for name, others in together.items():
        for other, found in prints.items():
            if found and prints[name] and other != name and (other in others or name in together[other]):
                assert found[0] == prints[name][0], f"{name} and {other} are one alert"
            elif found and prints[name] and other != name:
                assert found[0] != prints[name][0], f"{name} and {other} are two alerts"
