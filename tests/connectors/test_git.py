"""Against real git and a real bare repository."""

import hashlib
import os
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import ActuatorError, ReaderError
from connectors.git import Changes, Revert, actuator, program
from connectors.git.program import Deadline, GitError, run

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime.now(UTC)


class Shop:
    """A bare repository and a working copy that somebody else pushes from."""

    def __init__(self, folder: Path) -> None:
        self.bare, self.work = folder / "shop.git", folder / "work"
        self.git("init", "-q", "--bare", "-b", "main", str(self.bare), cwd=folder)
        self.git("clone", "-q", str(self.bare), str(self.work), cwd=folder)
        self.first = self.commit("payments.json", '{"timeout_ms": 2000}\n', "Begin")

    def git(self, *arguments, cwd=None, **env):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        who = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Dev") | dict.fromkeys(
            ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "dev@shop"
        )
        where = cwd or self.work
        done = subprocess.run(["git", *arguments], cwd=where, env=clean | who | env, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def commit(self, path, text, subject, **env):
        (self.work / path).parent.mkdir(parents=True, exist_ok=True)
        (self.work / path).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject, **env)
        self.git("push", "-q", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")

    def show(self, path):
        return self.git("show", f"main:{path}", cwd=self.bare)

    def head(self):
        return self.git("rev-parse", "main", cwd=self.bare)

    def count(self):
        return int(self.git("rev-list", "--count", "main", cwd=self.bare))


@pytest.fixture
def shop(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    return Shop(tmp_path)


@pytest.fixture
def revert(shop):
    return Revert({"path": str(shop.bare), "branch": "main"}, {})


def test_recent_changes_come_newest_first_with_files_and_diff(shop):
    old = {"GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z"}
    shop.commit("old.json", "{}\n", "Long ago", **old)
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster | sooner")
    also = shop.commit("größe/über uns.json", "{}\n", "Übersicht")

    found = Changes({"path": str(shop.bare)}, {}).recent(NOW - timedelta(hours=1))

    assert [commit.sha for commit in found][:2] == [also, bad]
    assert found[0].files == ("größe/über uns.json",)
    assert (found[1].subject, found[1].author, found[1].files) == ("Answer faster | sooner", "Dev", ("payments.json",))
    assert '-{"timeout_ms": 2000}' in found[1].diff
    assert '+{"timeout_ms": 5}' in found[1].diff
    assert abs(found[1].at - NOW) < timedelta(hours=1)


def test_a_huge_diff_is_cut_and_says_so(shop):
    shop.commit("big.txt", "line\n" * 200_000, "Big")

    commit = Changes({"path": str(shop.bare)}, {}).recent(NOW - timedelta(hours=1))[0]

    assert len(commit.diff) < 21_000
    assert "cut at 20,000" in commit.diff


def test_a_revert_is_one_commit_with_the_key_by_countersign(shop, revert):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")
    later = shop.commit("inventory.json", "{}\n", "Something else")
    assert revert.look(KEY, {}) is None

    done = revert.act({"commit": bad, "branch": "main"}, KEY, 30)

    assert shop.show("payments.json") == '{"timeout_ms": 2000}'
    assert done == {"commit": shop.head(), "head": shop.head()}
    assert shop.git("rev-parse", "main^", cwd=shop.bare) == later
    told = shop.git("log", "-1", "--format=%an%n%cn%n%B", "main", cwd=shop.bare)
    assert told.startswith('Countersign\nCountersign\nRevert "Answer faster"')
    assert f"Countersign-Idempotency-Key: {KEY}" in told
    assert revert.look(KEY, {}) == done


def test_the_same_key_acts_once(shop, revert):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")

    first = revert.act({"commit": bad}, KEY, 30)
    shop.git("pull", "-q", "--rebase", "origin", "main")
    shop.commit("more.json", "{}\n", "Later work")
    second = revert.act({"commit": bad}, KEY, 30)

    assert second["commit"] == first["commit"]
    assert second["head"] == shop.head()
    assert shop.count() == 4


def test_a_key_in_the_text_of_a_commit_is_no_mark(shop, revert):
    shop.commit("a.json", "{}\n", f"Quote\n\nCountersign-Idempotency-Key: {KEY} was here\n\nand more text")

    assert revert.look(KEY, {}) is None


def test_a_conflict_is_told_and_nothing_is_pushed(shop, revert):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")
    head = shop.commit("payments.json", '{"timeout_ms": 7}\n', "Answer a bit slower")

    with pytest.raises(ActuatorError, match="conflicts with later commits") as refused:
        revert.act({"commit": bad}, KEY, 30)

    assert refused.value.facts == {"uncertain": False, "conflict": True}
    assert shop.head() == head


def test_a_branch_that_moves_meanwhile_is_tried_once_more(shop, revert, monkeypatch):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")
    real, moved = actuator.run, []

    def run_slowly(folder, arguments, **more):
        if arguments[0] == "push" and not moved:
            moved.append(shop.commit("race.json", "{}\n", "Faster than you"))
        return real(folder, arguments, **more)

    monkeypatch.setattr(actuator, "run", run_slowly)
    done = revert.act({"commit": bad}, KEY, 30)

    assert shop.git("rev-parse", "main^", cwd=shop.bare) == moved[0]
    assert shop.head() == done["commit"]


def test_a_branch_that_never_stands_still_is_given_up(shop, revert, monkeypatch):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")
    real = actuator.run

    def run_slowly(folder, arguments, **more):
        if arguments[0] == "push":
            shop.commit("race.json", str(shop.count()), "Faster than you")
        return real(folder, arguments, **more)

    monkeypatch.setattr(actuator, "run", run_slowly)
    with pytest.raises(ActuatorError, match="not pushed") as refused:
        revert.act({"commit": bad}, KEY, 30)

    assert refused.value.facts["uncertain"] is False
    assert revert.look(KEY, {}) is None


@pytest.mark.parametrize("kind", ["merge", "first", "undone", "elsewhere", "unknown"])
def test_what_cannot_be_reverted_is_said_in_a_sentence(shop, revert, kind):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")
    if kind == "merge":
        shop.git("checkout", "-q", "-b", "side", "HEAD^")
        side = shop.git("commit", "-q", "--allow-empty", "-m", "Side") or "side"
        shop.git("checkout", "-q", "-")
        shop.git("merge", "-q", "--no-ff", "-m", "Merge", side)
        shop.git("push", "-q", "origin", "HEAD:main")
    shop.git("push", "-q", "origin", f"{shop.first}:refs/heads/other")
    if kind == "undone":
        shop.commit("payments.json", '{"timeout_ms": 2000}\n', "Back again")
    commit = {"merge": shop.head(), "first": shop.first, "undone": bad, "elsewhere": bad, "unknown": "f" * 40}[kind]
    branch = "other" if kind == "elsewhere" else "main"
    before = shop.count()

    with pytest.raises(ActuatorError) as refused:
        revert.act({"commit": commit, "branch": branch}, KEY, 30)

    says = {"merge": "is a merge", "first": "first commit", "elsewhere": "not on other", "unknown": "not on main"}
    assert says.get(kind, "undone already") in refused.value.detail
    assert shop.count() == before


@pytest.mark.parametrize(
    ("params", "key"),
    [
        ({}, KEY),
        ({"commit": "--upload-pack=touch /tmp/x"}, KEY),
        ({"commit": "HEAD"}, KEY),
        ({"commit": "abc1234", "branch": "--force"}, KEY),
        ({"commit": "abc1234", "branch": "a..b"}, KEY),
        ({"commit": "abc1234", "branch": "nothing"}, KEY),
        ({"commit": "abc1234"}, "a b"),
        ({"commit": "abc1234"}, "key\nCo-Author: x"),
    ],
)
def test_parameters_cannot_become_options(revert, params, key):
    with pytest.raises(ActuatorError):
        revert.act(params, key, 30)


@pytest.mark.parametrize("path", ["", "--upload-pack=x", "ext::sh -c touch% /tmp/x", "relative/path"])
def test_an_address_cannot_become_an_option_or_a_program(path, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with pytest.raises(ReaderError):
        Changes({"path": path}, {}).recent(NOW)


def test_probes_answer_in_a_word(shop, revert):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")

    assert revert.probe("commit-on-branch", {"commit": bad, "branch": "main"}) == "yes"
    assert revert.probe("git-head-contains", {"commit": "f" * 40}) == "no"
    assert revert.probe("git-head", {}) == bad
    assert revert.probe("revert-applies", {"commit": bad}) == "yes"
    expected = hashlib.sha256(b'{"timeout_ms": 5}\n').hexdigest()
    assert revert.probe("file-sha256", {"path": "payments.json"}) == expected
    assert revert.probe("file-sha256", {"path": "none.json"}) == "absent"
    for name, params in (("weather", {}), ("file-sha256", {})):
        with pytest.raises(ActuatorError):
            revert.probe(name, params)
    with pytest.raises(ReaderError):
        revert.probe("file-sha256", {"path": "-x"})


def test_a_dry_run_shows_the_diff_and_changes_nothing(shop, revert):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")
    head = shop.head()

    told = revert.dry_run({"commit": bad})

    assert told.applies
    assert told.files == ("payments.json",)
    assert '+{"timeout_ms": 2000}' in told.diff
    assert shop.head() == head
    shop.commit("payments.json", '{"timeout_ms": 6}\n', "Another")
    refused = revert.dry_run({"commit": bad})
    assert (refused.applies, "conflicts" in refused.sentence) == (False, True)
    assert not list((program.home()).glob("dry-*"))


def test_hooks_and_configuration_of_strangers_are_not_run(shop, revert, tmp_path, monkeypatch):
    bad = shop.commit("payments.json", '{"timeout_ms": 5}\n', "Answer faster")
    trap = tmp_path / "trap"
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "post-commit", "pre-commit", "post-checkout"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {trap}\n")
        (hooks / name).chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\n\thooksPath = {hooks}\n[commit]\n\tgpgSign = true\n[user]\n\tname = Mallory\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("HOME", str(tmp_path))

    revert.act({"commit": bad}, KEY, 30)

    assert not trap.exists()
    assert shop.git("log", "-1", "--format=%an", "main", cwd=shop.bare) == "Countersign"


def test_a_command_that_hangs_is_stopped_with_all_it_started(shop):
    program.home()
    with pytest.raises(GitError, match="too long"):
        run(shop.work, ["-c", "alias.wait=!sleep 60", "wait"], deadline=Deadline.within(0.3))


def test_a_repository_that_is_not_there_is_an_error_in_a_sentence(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with pytest.raises(ReaderError, match="git fetch failed"):
        Changes({"path": str(tmp_path / "nothing")}, {}).recent(NOW)


def test_several_readers_at_once_share_one_mirror(shop):
    wrong, found = [], []

    def read():
        try:
            found.append(len(Changes({"path": str(shop.bare)}, {}).recent(NOW - timedelta(hours=1))))
        except BaseException as error:  # noqa: BLE001 -- shown to the test
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert (wrong, found) == ([], [1] * 4)
