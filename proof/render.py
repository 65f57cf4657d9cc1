"""A change as plain text: all that is signed, nothing else, the same on every machine."""

import re
from collections.abc import Iterable

from proof import canonical
from proof.documents import Change, Named, Precondition, Step, Undo, parse_change
from proof.words import six_words

RENDER_VERSION = 1
UNPRINTABLE = re.compile(r"[^\x20-\x7e]|\\(?=u\{)")
# A fixed list and not Unicode's categories, which differ between versions of Unicode: Latin, Greek, Cyrillic,
# typographic punctuation, arrows, mathematical signs, Japanese, Chinese, Korean. None of these hides or moves others.
UNREADABLE = re.compile(
    r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u0391-\u03c9\u0400-\u045f\u2010-\u2015\u2018-\u2022\u2026\u2030\u2032\u2033"
    r"\u2039\u203a\u20ac\u2190-\u21ff\u2200-\u22ff\u3001\u3002\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3]"
    r"|\\(?=u\{)"
)


def render(change_bytes: bytes) -> str:
    r"""The text that a person reads before signing.

    Machine fields show every code point outside printable ASCII as `\u{...}`; sentences show so whatever could draw
    nothing or move other signs. A backslash that could pass for such an escape is escaped too. Nothing is cut short.

    Raises:
        DocumentError: The bytes are not a change.
    """
    return text_of(parse_change(change_bytes), canonical.sha256(change_bytes))


def text_of(change: Change, digest: str) -> str:
    """As `render`, for a change that has been read already, and its digest."""
    sections = (
        _head(change, digest),
        _section("WHAT HAPPENS", [line for step in change.steps for line in _step(step)]),
        _section("DIFFERENCES", [line for diff in change.diffs for line in _diff(diff)]),
        _section("WHAT IT TOUCHES", _touches(change)),
        _section("CHECKED RIGHT BEFORE", [line for item in change.preconditions for line in _precondition(item)]),
        _section("HOW WE WILL KNOW", _verification(change)),
        _section("WHY", _why(change)),
        _section("RISK", _risk(change)),
        _section("PEOPLE", _people(change)),
        _section("TIMES", _times(change)),
    )
    return "\n".join(line for section in sections for line in section) + "\n"


def machine(text: str) -> str:
    r"""A name, command or value with everything outside printable ASCII as `\u{...}`."""
    return UNPRINTABLE.sub(_escape, text)


def sentence(text: str) -> str:
    r"""A sentence on one line, with what could deceive the eye as `\u{...}`."""
    return UNREADABLE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{{{ord(match[0]):x}}}"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return ["", title, *(list(lines) or ["  none"])]


def _head(change: Change, digest: str) -> list[str]:
    return [
        f"CHANGE {change.id} version {change.version}",
        f"  {sentence(change.intent)}",
        f"  six words: {' '.join(six_words(digest))}",
        f"  sha256: {digest}",
        f"  environment: {machine(change.environment)}",
        f"  audience: {machine(change.audience)}",
        f"  incident: {machine(change.incident)}",
        f"  runbook: {' '.join(machine(part) for part in change.runbook)}",
    ]


def _step(step: Step) -> list[str]:
    undo = _undo(step.undo) if step.undo else ["    undo: there is none"]
    return [
        f"  step {step.index}: {sentence(step.title)}",
        f"    action: {machine(step.action)} by {machine(step.adapter)}",
        f"    target: {machine(step.target)}",
        f"    command: {machine(step.command)}",
        *_params(step.params, "    "),
        f"    time-out: {step.timeout_s} s",
        f"    idempotency key: {step.idempotency_key}",
        *undo,
        f"    note on undoing: {sentence(step.undo_note)}",
    ]


def _undo(undo: Undo) -> list[str]:
    return [
        f"    undo: {sentence(undo.title)}",
        f"      command: {machine(undo.command)}",
        *_params(undo.params, "      "),
        f"      time-out: {undo.timeout_s} s",
        f"      idempotency key: {undo.idempotency_key}",
    ]


def _params(params: tuple[Named, ...], indent: str) -> list[str]:
    return [f"{indent}{machine(param.name)} = {machine(param.value)}" for param in params]


def _diff(diff: Named) -> list[str]:
    return [f"  {machine(diff.name)}", *(f"    | {machine(line)}" for line in diff.value.split("\n"))]


def _touches(change: Change) -> list[str]:
    return [
        *(f"  {machine(item.name)}: {sentence(item.value)}" for item in change.touches),
        *(f"  unaffected: {sentence(item)}" for item in change.unaffected),
        f"  blast radius: {sentence(change.blast_sentence)}",
        *(f"    service {machine(item)}" for item in change.blast_services),
    ]


def _precondition(item: Precondition) -> list[str]:
    return [
        f"  {sentence(item.sentence)}",
        f"    {machine(item.probe)} of {machine(item.target)} must be: {machine(item.expect)}",
        f"    read at most {item.max_age_s} s before",
    ]


def _verification(change: Change) -> list[str]:
    check = change.verification
    return [
        f"  {sentence(check.sentence)}",
        f"    target: {machine(check.target)}",
        f"    {machine(check.query)} {check.compare} {check.threshold}",
        f"    for {check.hold_s} s, within {check.timeout_s} s, read every {check.every_s} s",
    ]


def _why(change: Change) -> list[str]:
    return [
        f"  {sentence(change.hypothesis)}",
        f"  confidence: {change.confidence}",
        *(f"  evidence {machine(item.name)}: sha256 {item.value}" for item in change.evidence),
    ]


def _risk(change: Change) -> list[str]:
    return [
        f"  {change.tier}, score {change.score}",
        *(
            f"    {machine(item.name)} {machine(item.level)} ({item.points}): {sentence(item.note)}"
            for item in change.factors
        ),
        f"  policy: version {change.policy_version}, rule {machine(change.policy_rule)}, people {change.policy_people}",
        f"    sha256 {change.policy_sha256}",
    ]


def _people(change: Change) -> list[str]:
    return [
        f"  proposed by {change.proposer_kind} {machine(change.proposer_id)}",
        *(f"  may not approve: {machine(person)}" for person in change.interested_persons),
        *(f"  rejected before: sha256 {digest}" for digest in change.prior_denials),
    ]


def _times(change: Change) -> list[str]:
    return [
        f"  made {change.created_at}",
        f"  not before {change.not_before}",
        f"  signatures until {change.expires_at}",
        f"  start by {change.execute_by}",
        f"  may be used once; nonce {change.nonce}",
    ]
