"""What is found before the console starts."""

import shutil

from approvals import bundles
from approvals.checks import passkeys_work, shipped_policies_compile


def test_the_shipped_policies_can_be_activated():
    assert shipped_policies_compile(None) == []


def test_a_broken_policy_is_found_at_the_start(monkeypatch, tmp_path):
    shutil.copy(bundles.SHIPPED / "lab.yaml", tmp_path / "lab.yaml")
    (tmp_path / "lab.yaml").write_text((tmp_path / "lab.yaml").read_text().replace('tier == "HIGH"', "mood == 1"))
    monkeypatch.setattr(bundles, "SHIPPED", tmp_path)

    assert [found.id for found in shipped_policies_compile(None)] == ["approvals.E001"]


def test_an_address_without_passkeys_is_a_warning(settings):
    settings.PUBLIC_URL = "http://10.0.0.5:8000"

    assert [found.id for found in passkeys_work(None)] == ["approvals.W001"]
    settings.PUBLIC_URL = "http://localhost:8000"
    assert passkeys_work(None) == []
