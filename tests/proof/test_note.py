import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import checkpoint, note
from proof.checkpoint import Checkpoint, CheckpointError
from proof.note import NoteError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
MINE = note.verifier_key("countersign/0a", KEY.public_key())
TEXT = "countersign/0a\n3\n" + base64.b64encode(bytes(32)).decode() + "\n"


def test_a_note_opens_with_the_key_that_signed_it_and_with_no_other():
    signed = note.sign("countersign/0a", KEY, TEXT)

    assert note.verify(signed, [MINE]).text == TEXT
    with pytest.raises(NoteError, match="No known key"):
        note.verify(signed, [note.verifier_key("countersign/0a", OTHER.public_key())])
    with pytest.raises(NoteError, match="No known key"):
        note.verify(signed, [])


def test_a_changed_note_does_not_open():
    signed = note.sign("countersign/0a", KEY, TEXT)

    with pytest.raises(NoteError, match="is wrong"):
        note.verify(signed.replace("\n3\n", "\n4\n"), [MINE])


def test_signatures_by_strangers_are_passed_over():
    stranger = note.sign("somebody", OTHER, TEXT).rpartition("\n\n")[2]

    assert note.verify(note.sign("countersign/0a", KEY, TEXT) + stranger, [MINE]).signers == (MINE,)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-1],
        lambda text: text.replace("— ", "- "),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("countersign/0a\n3", "countersign/0a\r\n3"),
        lambda text: text + "\n",
        lambda text: text + "— x AAAA\n",
        lambda text: text + "— x AAAAAAA\n",
        lambda text: text + "— x AAAAAAB=\n",
        lambda text: text + "— x AAAAAAAA\n" * 100,
        lambda text: text + " " * 1_000_000,
    ],
)
def test_malformed_notes_are_refused(damage):
    with pytest.raises(NoteError):
        note.verify(damage(note.sign("countersign/0a", KEY, TEXT)), [MINE])


def test_a_verifier_key_reads_back_and_a_damaged_one_does_not():
    assert note.parse_verifier_key(str(MINE)) == MINE
    for text in ("", "a+b", str(MINE).replace("countersign", "counterfeit"), str(MINE)[:-4], "a b+00000000+AQ=="):
        with pytest.raises(NoteError):
            note.parse_verifier_key(text)


def test_names_that_would_break_the_format_are_refused():
    for name in ("a b", "a+b", ""):
        with pytest.raises(NoteError):
            note.sign(name, KEY, TEXT)
    with pytest.raises(NoteError):
        note.sign("a", KEY, "no newline")


def test_the_public_example_opens(vectors):
    case = json.loads((vectors / "notes.json").read_text())["signed_note"]
    key = note.parse_verifier_key(case["vkey"])

    assert note.verify(case["note"], [key]).text == "This is an example message.\n"


def test_a_checkpoint_comes_back_as_it_was_signed():
    head = Checkpoint(origin="countersign/0a", size=3, root=bytes(32))

    assert checkpoint.verify(checkpoint.sign(head, KEY), [MINE]) == head


def test_a_checkpoint_signed_under_another_name_is_refused():
    witness = note.verifier_key("witness", OTHER.public_key())

    with pytest.raises(CheckpointError, match="not signed by that log"):
        checkpoint.verify(note.sign("witness", OTHER, TEXT), [witness])


@pytest.mark.parametrize(
    "body",
    ["a\n03\n" + "A" * 43 + "=\n", "a\n3\n" + "A" * 43 + "=", "a\n3\nAAAA\n", "a\n3\n" + "A" * 42 + "B=\n",
     "a\n3\n" + "A" * 43 + "=\nmore\n", "\n3\n" + "A" * 43 + "=\n", "a\n-1\n" + "A" * 43 + "=\n"],
)  # fmt: skip
def test_other_texts_are_no_checkpoints(body):
    with pytest.raises(CheckpointError):
        checkpoint.parse(body)
