"""What is shipped for their side is well-formed and holds the script that is documented."""

from pathlib import Path
from xml.etree import ElementTree as ET

FOLDER = Path(__file__).resolve().parents[3] / "docs/howto/servicenow"


def payloads():
    root = ET.parse(FOLDER / "countersign-update-set.xml").getroot()
    return [ET.fromstring(one.findtext("payload").encode()) for one in root.iter("sys_update_xml")]


def test_the_update_set_holds_the_script_the_rules_and_the_properties():
    found = [next(iter(one)) for one in payloads()]

    assert [one.tag for one in found] == ["sys_script_include", *["sys_properties"] * 2, *["sys_script"] * 2]
    assert found[0].findtext("script").strip() == (FOLDER / "countersign.js").read_text().strip()
    assert [one.findtext("name") for one in found[1:3]] == ["countersign.url", "countersign.hmac"]
    assert {one.findtext("collection") for one in found[3:]} == {"incident", "sysapproval_approver"}


def test_ids_are_ids_and_are_there_once():
    ids = [next(iter(one)).findtext("sys_id") for one in payloads()]

    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in ids)
    assert len(set(ids)) == len(ids)


def test_the_script_signs_as_the_door_checks():
    script = (FOLDER / "countersign.js").read_text()

    assert "at + '.' + body" in script
    assert "'HmacSHA256'" in script
    assert "X-Countersign-Timestamp" in script
    assert "X-Countersign-Signature" in script


def test_no_secret_is_shipped():
    assert all(not one.findtext(".//value") for one in payloads())
