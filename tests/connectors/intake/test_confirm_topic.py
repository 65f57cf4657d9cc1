"""A subscription is confirmed because a person says so, and never because a message does."""

import io
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from connectors.models import Delivery, Source
from connectors.services.confirm_topic import confirm_topic
from connectors.services.drain import drain
from connectors.services.replay import replay_dead
from core.actors import INTAKE, SYSTEM, Actor
from core.errors import NotPermittedError
from incidents.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.urls("connectors.urls")]

TOPIC = "arn:aws:sns:eu-central-1:111122223333:oncall"
HOST = "https://sns.eu-central-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123456789abcdef.pem"


def test_a_topic_that_nobody_confirmed_is_a_dead_letter_that_says_so_and_is_read_once_it_is(
    post_sns, signed, amazon, aws
):
    post_sns(signed())
    drain(actor=INTAKE)
    sent = Delivery.objects.get()
    assert sent.state == "DEAD"
    assert "source confirm" in sent.error

    confirm_topic("aws", TOPIC, actor=SYSTEM)
    replay_dead("aws", actor=SYSTEM)
    drain(actor=INTAKE)

    assert Alert.objects.count() == 1
    assert not any("Confirm" in url for url in amazon.asked)


def test_a_subscription_is_confirmed_by_a_person_and_by_nobody_else(post_sns, signed, amazon, aws):
    assert post_sns(signed("SubscriptionConfirmation")).status_code == 202
    drain(actor=INTAKE)
    assert amazon.asked == [CERTIFICATE]
    assert Delivery.objects.get().state == "IGNORED"
    with pytest.raises(NotPermittedError):
        confirm_topic("aws", TOPIC, actor=Actor(id="person:1", roles=frozenset({"operator"})))

    said = io.StringIO()
    call_command("source", "confirm", "aws", TOPIC, stdout=said)

    asked = urlsplit(amazon.asked[1])
    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{HOST}/"
    assert dict(parse_qsl(asked.query)) == {"Action": "ConfirmSubscription", "TopicArn": TOPIC, "Token": "t0k"}
    assert Source.objects.get().topics == [TOPIC]
    assert TOPIC in said.getvalue()
    assert Entry.objects.filter(verb="source.topic_confirmed").count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/?Action=ConfirmSubscription",
        "https://evil.example/?Action=ConfirmSubscription",
        f"{HOST}/?Action=DeleteTopic&TopicArn={TOPIC}&Token=t0k",
        f"{HOST}/?Action=ConfirmSubscription&TopicArn=arn:other&Token=t0k",
        f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0k&X=1",
        f"{HOST}/x?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0k",
        "not a url",
    ],
)
def test_no_other_address_is_fetched_to_confirm(post_sns, signed, amazon, aws, url):
    post_sns(signed("SubscriptionConfirmation", SubscribeURL=url))
    before = len(amazon.asked)

    with pytest.raises(CommandError, match="Nothing was fetched"):
        call_command("source", "confirm", "aws", TOPIC)

    assert len(amazon.asked) == before
    assert Source.objects.get().topics == []


def test_a_topic_of_a_stranger_is_not_confirmed_with_ours(post_sns, signed, amazon, aws):
    stranger = "arn:aws:sns:eu-central-1:999999999999:evil"
    post_sns(signed("SubscriptionConfirmation", TopicArn=stranger))
    drain(actor=INTAKE)

    with pytest.raises(CommandError, match="Nothing signed"):
        call_command("source", "confirm", "aws", TOPIC)
    assert Source.objects.get().topics == []


def test_what_amazon_declines_is_not_bound(post_sns, signed, amazon, aws):
    post_sns(signed("SubscriptionConfirmation"))
    amazon.status = 403

    with pytest.raises(CommandError, match="403"):
        call_command("source", "confirm", "aws", TOPIC)
    assert Source.objects.get().topics == []


def test_other_kinds_have_no_topics(endpoint):
    for slug in ("shop", "nowhere"):
        with pytest.raises(CommandError):
            call_command("source", "confirm", slug, TOPIC)
