"""What an installation expects and knows better than its tools: windows, a freeze and rules, for the pictures."""

import tempfile
from pathlib import Path

from tests.scenarios.installations import Embedded

RULES = """\
- name: quiet-tests
  when: environment == "test"
  ignore: true
  sentence: Test systems wake nobody.
- name: payments-hosts
  when: source == "nagios" && labels.host.startsWith("pay-")
  set: {service: payments, team: store, severity: high}
  sentence: Nagios does not know our services.
- name: single-blips
  when: title.contains("PacketLoss")
  after: {count: 3, within_minutes: 10}
  sentence: One lost packet is no news.
"""


def plan(console: Embedded) -> None:
    """Open a window, plan another and a freeze, and put rules into force."""
    window = ("maintenance", "open", "--service")
    console.manage(*window, "inventory", "--until", "2h", "--why", "Disk firmware, vendor case 88-2107")
    console.manage(*window, "gateway", "--from", "2d", "--until", "51h", "--why", "Minor version")
    freeze = ("maintenance", "open", "--freeze", "--environment", "lab", "--from", "5d", "--until", "10d")
    console.manage(*freeze, "--why", "Black Friday to Cyber Monday.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(RULES, encoding="utf-8")
        console.manage("rules", "apply", str(file))
