"""A bearer token is its person, within its scopes, until it expires."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from audit.models import Entry
from core import clock
from core.actors import SYSTEM
from core.errors import BadInputError, NotPermittedError
from people.authentication import TokenAuthentication, has_scope
from people.models import ApiToken
from people.scopes import SCOPES
from people.services.add_token import add_token

pytestmark = pytest.mark.django_db


class WhoAmI(APIView):
    authentication_classes = (TokenAuthentication,)

    def get(self, request):
        scopes = [scope for scope in ("ledger:read", "incidents:read") if has_scope(request, scope)]
        return Response({"handle": request.user.handle, "scopes": scopes})


def ask(header=None):
    headers = {} if header is None else {"authorization": header}
    return WhoAmI.as_view()(APIRequestFactory().get("/", headers=headers))


def test_a_token_is_its_person_and_its_scopes(ada):
    answer = ask(f"Bearer {add_token('ada', ['ledger:read'], actor=SYSTEM)}")

    assert answer.data == {"handle": "ada", "scopes": ["ledger:read"]}


def test_the_scheme_may_be_written_in_any_case(ada):
    assert ask(f"bearer {add_token('ada', ['incidents:read'], actor=SYSTEM)}").status_code == 200


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer x", "Bearer \xff", "Basic YTpi", "Bearer a b"])
def test_without_a_known_token_it_is_401_and_says_what_is_wanted(ada, header):
    add_token("ada", ["incidents:read"], actor=SYSTEM)
    answer = ask(header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="countersign"'


def test_an_expired_token_is_401(ada, monkeypatch):
    token, now = add_token("ada", ["incidents:read"], actor=SYSTEM, valid_for=timedelta(hours=1)), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=2))

    assert ask(f"Bearer {token}").status_code == 401


def test_the_token_of_who_left_is_401(ada):
    token = add_token("ada", ["incidents:read"], actor=SYSTEM)
    ada.is_active = False
    ada.save()

    assert ask(f"Bearer {token}").status_code == 401


def test_the_stored_digest_is_not_the_token(ada):
    add_token("ada", ["incidents:read"], actor=SYSTEM)

    assert ask(f"Bearer {ApiToken.objects.get().pk}").status_code == 401


def test_people_make_tokens_for_themselves_only(ada, oda):
    add_token("ada", ["incidents:read"], actor=ada.as_actor())

    with pytest.raises(NotPermittedError):
        add_token("ada", ["incidents:read"], actor=oda.as_actor())


@pytest.mark.parametrize("scopes", [[], ["*"], [""], ["read"], ["lab:break"], ["Ledger:read"], ["ledger:read\n"]])
def test_scopes_are_a_closed_list(ada, scopes):
    with pytest.raises(BadInputError):
        add_token("ada", scopes, actor=SYSTEM)


def test_the_ledger_learns_that_a_token_was_added_but_not_which(ada):
    token = add_token("ada", ["ledger:read"], actor=SYSTEM)
    entry = Entry.objects.get(verb="token.added")

    assert (entry.subject, json.loads(bytes(entry.facts))) == (f"person:{ada.pk}", {"scopes": ["ledger:read"]})
    assert token.encode() not in bytes(entry.body) + bytes(entry.facts)


def test_the_command_prints_it_once(ada, capsys):
    call_command("token", "add", "--person", "ada", "--scope", "ledger:read", "incidents:read", "--json")
    shown = json.loads(capsys.readouterr().out)
    assert shown["scopes"] == ["incidents:read", "ledger:read"]
    assert ask(f"Bearer {shown['token']}").status_code == 200

    call_command("token", "add", "--person", "ada", "--scope", "incidents:read")
    assert ask(f"Bearer {capsys.readouterr().out.strip()}").status_code == 200
    with pytest.raises(CommandError, match="Nobody"):
        call_command("token", "add", "--person", "nobody", "--scope", "incidents:read")


def test_the_command_says_what_each_scope_is_for(capsys):
    with pytest.raises(SystemExit):
        call_command("token", "add", "--help")

    told = " ".join(capsys.readouterr().out.split())
    for scope in SCOPES:
        assert f"{scope}:" in told
    assert "maintenance windows" in told
