"""What we are built on may be used by us: no AGPL, no GPL imported."""

import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Python-2\.0|MPL|Mozilla|LGPL|Lesser|Unlicense|ZPL|Zope|0BSD|"
    r"HPND|Repoze|BSD-derived|CC0",
    re.IGNORECASE,
)
REFUSED = re.compile(r"AGPL|Affero|(?<![LA])GPL-|GNU General Public", re.IGNORECASE)
READ_BY_HAND = {
    # Packages whose metadata name no licence; read in their repositories.
    "types-channels": "Apache-2.0",
}


def licence_of(name: str) -> str:
    facts = metadata.metadata(name)
    classifiers = [value for value in facts.get_all("Classifier") or [] if value.startswith("License ::")]
    text = facts.get("License-Expression") or " ".join(classifiers) or (facts.get("License") or "")[:200]
    return text or READ_BY_HAND.get(name, "")


def test_every_package_we_ship_with_has_a_licence_that_we_may_use():
    names = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    licences = {name: licence_of(name) for name in names}

    assert len(names) > 30
    assert {n: text for n, text in licences.items() if REFUSED.search(text) or not ALLOWED.search(text)} == {}
