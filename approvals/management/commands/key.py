"""`./manage.py key`: list keys, enrol one, let an older one sign for it, revoke one."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals import possession
from approvals.models import PersonKey
from approvals.services.enrol_key import enrol_key
from approvals.services.invite import invite
from approvals.services.revoke_key import revoke_key
from approvals.signing import acts, here
from approvals.signing.keys import SigningKey, public_of, read_key, usual_key
from approvals.signing.remote import Console
from core import clock
from core.actors import SYSTEM
from core.errors import BadInputError, ConsoleError, NotFoundError
from people.selectors import active_person, names


class Command(BaseCommand):
    help = "Keys that people sign with."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        add = verbs.add_parser(
            "add",
            help="enrol an SSH public key, on the word of whoever runs this command here; the ledger says so",
        )
        add.add_argument("--person", required=True, metavar="NAME", help="the person's handle")
        add.add_argument("--ssh-key", required=True, metavar="FILE.pub", help="the public key")
        add.add_argument("--label", default="", help="what people call it; its comment unless given")
        add.add_argument("--json", action="store_true", help="print the key as JSON")
        enrol = verbs.add_parser(
            "enrol", help="enrol your SSH key: it signs that you hold it, an older one signs for it"
        )
        enrol.add_argument("--person", default="", metavar="NAME", help="who you are, beside the embedded console")
        enrol.add_argument("--label", default="", help="what people call it; its comment unless given")
        enrol.add_argument("--with", dest="older", default="", metavar="PATH", help="an older SSH key of yours")
        enrol.add_argument("--code", default="", help="a key-admin's code, where you have no older key")
        here.add_place(enrol)
        vouch = verbs.add_parser("vouch", help="sign with an older key for one that you are enrolling")
        vouch.add_argument("key", help="the new key's id, or its beginning")
        here.add_place(vouch)
        revoke = verbs.add_parser("revoke", help="revoke a key; signed with --ssh-key it takes effect at once")
        revoke.add_argument("key", help="its id, or its beginning")
        revoke.add_argument("--why", default="no longer used")
        revoke.add_argument("--since", default="", metavar="TIME", help="since when it was not safe, in UTC")
        here.add_place(revoke)
        invite_ = verbs.add_parser("invite", help="a code for somebody who has no key, used once within the hour")
        invite_.add_argument("--person", required=True, metavar="NAME")
        listing = verbs.add_parser("list", help="list keys")
        listing.add_argument("--person", default="", metavar="NAME", help="only this person's")
        listing.add_argument("--json", action="store_true", help="a JSON line a key")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except ConsoleError as error:
            raise CommandError(error.detail) from error

    def _add(self, options: dict[str, Any]) -> None:
        line = _public_line(Path(options["ssh_key"]).expanduser())
        label = options["label"] or " ".join(line.split()[2:])[:80] or Path(options["ssh_key"]).stem
        person = active_person(options["person"])
        key = enrol_key(person, possession.from_file(line, label=label), actor=SYSTEM, how="ssh-file-on-host")
        if key is None:
            self.stdout.write("Asked for. Key-admins have to co-sign it: ./manage.py keys drafts.")
            return
        if options["json"]:
            self.stdout.write(json.dumps(_told(key, options["person"])))
            return
        self.stdout.write(f"{person.name} signs with {key.label} ({key.key_class}), key {key.key_id[:16]}.")
        self.stderr.write("Enrolled on your word, without a proof that they hold it; the ledger says so.")

    def _enrol(self, options: dict[str, Any]) -> None:
        key = read_key(Path(options["ssh_key"]).expanduser() if options["ssh_key"] else usual_key())
        older = read_key(Path(options["older"]).expanduser()) if options["older"] else None
        console = here.console(options, key=older, person=options["person"])
        public = key.path.with_name(f"{key.path.name.removesuffix('.pub')}.pub")
        line = public.read_text(encoding="utf-8") if public.exists() else public_of(key.path)
        label = options["label"] or " ".join(line.split()[2:])[:80] or key.path.stem
        found = console.post("keys/", {"public": line, "label": label})
        found = self._prove(console, key, found)
        if older is not None and "own-key" in found["owes"]:
            found = self._prove(console, older, found)
        if options["code"] and found["owes"]:
            found = console.post(f"keys/{found['key_id']}/invitation/", {"code": options["code"]})
        self._say(found, options)

    def _vouch(self, options: dict[str, Any]) -> None:
        key = read_key(Path(options["ssh_key"]).expanduser() if options["ssh_key"] else usual_key())
        console = here.console(options, key=key)
        new = [one for one in console.get("keys/")["under_way"] if one["key_id"].startswith(options["key"])]
        if len(new) != 1:
            detail = "No enrolment of yours has this id. Start it on the page of keys, or by ./manage.py key enrol."
            raise NotFoundError(detail)
        self._say(self._prove(console, key, new[0]), options)

    def _revoke(self, options: dict[str, Any]) -> None:
        found = list(PersonKey.objects.filter(key_id__startswith=options["key"])[:2])
        if not options["ssh_key"]:
            if len(found) != 1:
                detail = "No one key has this id. See ./manage.py key list."
                raise NotFoundError(detail)
            row = revoke_key(found[0].key_id, actor=SYSTEM, why=options["why"])
            asked = "Asked for; key-admins have to co-sign it. With --ssh-key it takes effect at once."
            self.stdout.write("Revoked." if row.revoked_at else asked)
            return
        key = read_key(Path(options["ssh_key"]).expanduser())
        console = here.console(options, key=key)
        key_id = found[0].key_id if len(found) == 1 else options["key"]
        index = console.get(f"keys/ledger-index/?at={options['since']}")["index"] if options["since"] else -1
        particulars = {"reason": options["why"], "compromised_since": str(index) if index >= 0 else ""}
        answer = acts.sign_act(console, key, "revoke-key", f"key:{key_id}", particulars)
        self.stdout.write(json.dumps(answer) if options["json"] else answer["sentence"])

    def _invite(self, options: dict[str, Any]) -> None:
        code = invite(active_person(options["person"]), actor=SYSTEM)
        self.stdout.write(f"{code}\nHand it over in person. It enrols one key of theirs within the hour, once.")

    def _prove(self, console: Console, key: SigningKey, found: dict[str, Any]) -> dict[str, Any]:
        answer = acts.sign_act(console, key, "prove-possession", found["subject"], found["particulars"])
        result: dict[str, Any] = answer["result"]
        return result

    def _say(self, found: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        says = {
            "own-key": "an older key of yours must sign for it: --with PATH, or ./manage.py key vouch",
            "invitation": "a key-admin must hand you a code: --code CODE",
            "proof": "it must sign that you hold it",
        }
        if found["owes"]:
            self.stdout.write(f"Not enrolled yet: {'; '.join(says[owed] for owed in found['owes'])}.")
            return
        told = {"LISTED": "Enrolled.", "DRAFTED": "Asked for. Key-admins co-sign it now."}
        self.stdout.write(f"{told[found['state']]} Key {found['key_id'][:16]}.")

    def _list(self, options: dict[str, Any]) -> None:
        keys = PersonKey.objects.order_by("person_id", "enrolled_at")
        if options["person"]:
            keys = keys.filter(person_id=active_person(options["person"]).pk)
        people = names(key.person_id for key in keys)
        for key in keys:
            handle = people[key.person_id].handle if key.person_id in people else key.person_id
            told = _told(key, handle)
            state = "revoked" if told["revoked_at"] else "active"
            text = f"{told['key_id'][:16]}  {state:8}{told['class']:10} {handle:14} {told['label']}"
            self.stdout.write(json.dumps(told) if options["json"] else text)


def _told(key: PersonKey, handle: str) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "person": handle,
        "class": key.key_class,
        "label": key.label,
        "enrolled_at": clock.rfc3339(key.enrolled_at),
        "revoked_at": clock.rfc3339(key.revoked_at) if key.revoked_at else "",
    }


def _public_line(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        detail = f"{path} cannot be read: {error}"
        raise BadInputError(detail) from error
    if "PRIVATE KEY" in text:
        detail = f"{path} is a private key. Name the public one, {path}.pub; the private one stays with you."
        raise BadInputError(detail)
    return text
