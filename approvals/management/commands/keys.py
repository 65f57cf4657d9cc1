"""`./manage.py keys`: the registry, drafts to co-sign, the ceremony that hands the root to people, the last resort."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals import ceremonies, recovery, registry, roots
from approvals.services.change_registry import hand_root_over, list_witnesses, renew_person
from approvals.services.refound import refound
from approvals.services.void_draft import void_draft
from approvals.signing import acts, here
from approvals.signing.keys import read_key, usual_key
from core.actors import SYSTEM
from core.errors import BadInputError, ConsoleError
from people.selectors import active_person
from proof.words import six_words, words


class Command(BaseCommand):
    help = "The registry of keys: who signs it, and what waits for a signature."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        verbs.add_parser("show", help="version, root and its 12 words, as others pin it")
        verbs.add_parser("drafts", help="what is asked of the registry and the policy and waits for signatures")
        threshold = verbs.add_parser("threshold", help="hand the root to the key-admins; this computer's key leaves it")
        threshold.add_argument("--no-recovery", action="store_true", help="make no recovery key on paper")
        threshold.add_argument("--people", type=int, default=0, metavar="N", help="how many sign; two if there are two")
        cosign = verbs.add_parser("cosign", help="read a draft as text and sign it")
        cosign.add_argument("draft", type=int)
        cosign.add_argument("--recovery", action="store_true", help="sign with the 24 words of the recovery key")
        cosign.add_argument("--person", default="", metavar="NAME", help="who hands in what the recovery key signed")
        here.add_place(cosign)
        void = verbs.add_parser("void", help="void a draft, with the reason")
        void.add_argument("draft", type=int)
        void.add_argument("--why", required=True)
        renew = verbs.add_parser("renew", help="ask that a person's entry stand for 90 more days")
        renew.add_argument("--person", required=True, metavar="NAME")
        seen = verbs.add_parser("witnesses", help="list the witnesses of the setting WITNESSES in the registry")
        seen.add_argument("--required", type=int, default=0, metavar="K", help="how many an export's head needs")
        anew = verbs.add_parser("refound", help="every root key is lost: found the root anew; others pin it by hand")
        anew.add_argument("--yes", action="store_true", help="do it; without, only say what follows")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _show(self, _options: dict[str, Any]) -> None:
        found = registry.current()
        kinds = ", ".join(sorted({key.kind for key in found.root.keys}))
        self.stdout.write(f"Registry {found.version}, {found.sha256}, epoch {found.epoch}.")
        self.stdout.write(f"Signed by {found.root.threshold} of {len(found.root.keys)} keys ({kinds}).")
        self.stdout.write(f"Pin this root: {found.root_key_id}\n  {' '.join(words(found.root_key_id, 12))}")
        if roots.is_first_use(found):
            self.stdout.write("First use: this computer's key signs alone. Change that: ./manage.py keys threshold.")

    def _drafts(self, _options: dict[str, Any]) -> None:
        found = ceremonies.standing()
        if not found:
            self.stdout.write("Nothing waits.")
        for one in found:
            signed = f"{one.have} of {one.threshold}" if one.is_open else "waits its turn"
            self.stdout.write(f"{one.draft.pk:>5}  {signed:<15} {one.headline}. {' '.join(one.words)}")

    def _threshold(self, options: dict[str, Any]) -> None:
        public = "" if options["no_recovery"] else self._new_recovery_key()
        draft = hand_root_over(actor=SYSTEM, recovery=public, threshold=options["people"])
        self.stdout.write(f"Draft {draft.pk}: {ceremonies.ceremony(draft).headline}.")
        self.stdout.write(f"Each of them signs it, on the page of keys or by: ./manage.py keys cosign {draft.pk}")

    def _new_recovery_key(self) -> str:
        seed = recovery.new_seed()
        told = recovery.words_of(seed)
        self.stdout.write("Write these 24 words on paper now. They are not stored, and not shown again.\n")
        for start in range(0, len(told), 6):
            row = enumerate(told[start : start + 6], start + 1)
            self.stdout.write("  " + "  ".join(f"{at:>2} {word}" for at, word in row))
        self.stdout.write("\nType them again from the paper:")
        if recovery.seed_of(_typed()) != seed:
            detail = "These are not the words that were shown. Nothing was asked for."
            raise BadInputError(detail)
        return recovery.public_of(seed)

    def _cosign(self, options: dict[str, Any]) -> None:
        path = Path(options["ssh_key"]).expanduser() if options["ssh_key"] else None
        key = None if options["recovery"] else read_key(path or usual_key())
        console = here.console(options, key=key, person=options["person"])
        told, data = acts.fetch_draft(console, options["draft"])
        out = self.stderr if options["json"] else self.stdout
        out.write(f"{told['headline']}\n\n{told['difference']}\n")
        for text in (*told["sentences"], *told["attestations"]):
            out.write(f"- {text}")
        out.write(f"\nThe six words of the exact bytes, computed here: {' '.join(six_words(told['sha256']))}")
        if not options["yes"] and not options["recovery"] and sys.stdin.isatty() and not _agrees():
            detail = "Nothing was signed."
            raise CommandError(detail)
        if key is None:
            out.write("Type the 24 words of the recovery key; they stay in this program:")
            answer = acts.cosign_with_paper(console, told, data, recovery.seed_of(_typed()))
        else:
            answer = acts.cosign(console, told, data, key)
        self.stdout.write(json.dumps(answer) if options["json"] else f"Signed. The draft is {answer['state'].lower()}.")

    def _void(self, options: dict[str, Any]) -> None:
        draft = void_draft(options["draft"], actor=SYSTEM, note=options["why"])
        self.stdout.write(f"Draft {draft.pk} is voided.")

    def _renew(self, options: dict[str, Any]) -> None:
        draft = renew_person(active_person(options["person"]), actor=SYSTEM)
        self.stdout.write(f"Draft {draft.pk} is {draft.state.lower()}: {ceremonies.ceremony(draft).headline}.")

    def _witnesses(self, options: dict[str, Any]) -> None:
        draft = list_witnesses(options["required"], actor=SYSTEM)
        self.stdout.write(f"Draft {draft.pk} is {draft.state.lower()}: {ceremonies.ceremony(draft).headline}.")

    def _refound(self, options: dict[str, Any]) -> None:
        if not options["yes"]:
            self.stdout.write(
                "This makes a new root key on this computer and begins a new epoch of the registry with it. Executors"
                " stop until somebody pins it on their hosts: ./manage.py executor pin --root KEY_ID. Auditors must be"
                " told. A banner stands for 30 days. Do it with --yes."
            )
            sys.exit(1)
        version = refound(actor=SYSTEM)
        found = registry.current()
        self.stdout.write(f"Registry {version.version} begins epoch {found.epoch}. Pin its root by hand:")
        self.stdout.write(f"  {found.root_key_id}\n  {' '.join(words(found.root_key_id, 12))}")


def _typed() -> str:
    """24 words from the keyboard, on as many lines as it takes."""
    found: list[str] = []
    for line in sys.stdin:
        found += line.split()
        if len(found) >= recovery.COUNT:
            break
    return " ".join(found)


def _agrees() -> bool:
    return input("Sign exactly these bytes? [y/N] ").strip().lower() in {"y", "yes"}
