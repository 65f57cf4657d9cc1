"""What people do to a request beside deciding it: ask, answer, withdraw."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from approvals import selectors
from approvals.api.access import MayRead, person_of, signer_of
from approvals.api.requests import found_request
from approvals.api.views import plain, request_line
from approvals.idempotency import once
from approvals.models import ApprovalRequest
from approvals.selectors.talk import told_questions
from approvals.services.answer_question import LONGEST as LONGEST_ANSWER
from approvals.services.answer_question import answer_question
from approvals.services.ask_question import LONGEST, ask_question
from approvals.services.withdraw import withdraw
from core.errors import NotFoundError


class QuestionAsked(serializers.Serializer[Any]):
    """A question, and of whom it is asked: `agent`, a person's id, or nobody in particular."""

    text = serializers.CharField(max_length=LONGEST)
    to = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)


class AnswerGiven(serializers.Serializer[Any]):
    """An answer."""

    text = serializers.CharField(max_length=LONGEST_ANSWER)


class Reason(serializers.Serializer[Any]):
    """Why."""

    why = serializers.CharField(max_length=2_000)


class QuestionList(APIView):
    """The questions about a request."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        """All of them, oldest first."""
        return Response({"results": [plain(one) for one in selectors.questions(found_request(pk, request))]})

    @extend_schema(request=QuestionAsked, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Ask one; the agents answer within seconds where something that is stored answers it."""
        actor, given = signer_of(request), _valid(QuestionAsked, request)
        found_request(pk, request)

        def deed() -> Response:
            question = ask_question(pk, given["text"], actor=actor, to=given["to"])
            return Response(plain(told_questions([question])[0]), status=201)

        return once(request, actor, deed)


class Answer(APIView):
    """The answer to a question."""

    permission_classes = (MayRead,)

    @extend_schema(request=AnswerGiven, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int, question_id: int) -> Response:
        """Answer it, once."""
        actor, given = signer_of(request), _valid(AnswerGiven, request)
        if not found_request(pk, request).questions.filter(pk=question_id).exists():
            detail = f"Request {pk} has no question {question_id}."
            raise NotFoundError(detail)

        def deed() -> Response:
            question = answer_question(question_id, given["text"], actor=actor)
            return Response(plain(told_questions([question])[0]), status=201)

        return once(request, actor, deed)


class Withdrawal(APIView):
    """The withdrawal of a request."""

    permission_classes = (MayRead,)

    @extend_schema(request=Reason, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        """Withdraw it, with a reason."""
        actor, given = signer_of(request), _valid(Reason, request)
        found_request(pk, request)

        def deed() -> Response:
            withdrawn: ApprovalRequest = withdraw(pk, actor=actor, why=given["why"])
            return Response(request_line(withdrawn), status=201)

        return once(request, actor, deed)


class BudgetDetail(APIView):
    """How many approvals of this hour one has used."""

    permission_classes = (MayRead,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """One's own."""
        return Response(plain(selectors.budget(person_of(request).pk)))


def _valid(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
