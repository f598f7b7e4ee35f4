"""The table in memory, behind the calls of boto3's client that the handlers make."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chaos.simulation.expressions import InvalidUpdateError, Item, condition, update
from chaos.simulation.faults import Edge, Fault
from chaos.simulation.sandbox import Edges
from chaos.simulation.scheduler import current

Key = tuple[str, str]
Watch = Callable[[Key, Item | None, Item | None], None]
"""Called at every change of an item: before, and after; None where there is none."""

_FORMER = {
    "EXECUTION_TIMED_OUT": {"S": "RUN_TIMED_OUT"},
    "EXECUTION_ABORTED": {"S": "RUN_ABORTED"},
    "EXECUTION_FAILED": {"S": "RUN_FAILED"},
}
"""Error codes as the version before wrote them."""

_THROTTLED = "ProvisionedThroughputExceededException"


class Table:
    """The items, and the requests that read and write them.

    is_up: whether it answers at all. is_old: whether the version before writes to it.
    on_read: called with the partition that a Query reads backwards, when it does.
    """

    def __init__(
        self, edges: Edges, watch: Watch, on_read: Callable[[str], None] = lambda _: None
    ) -> None:
        self._edges = edges
        self._watch = watch
        self.on_read = on_read
        self.items: dict[Key, Item] = {}
        self.is_up = True
        self.is_old = False

    def get_item(self, *, Key: Any, **_: Any) -> Any:  # noqa: N803 - boto3's
        """GetItem."""

        def effect() -> Any:
            item = self.items.get(_key(Key))
            return {"Item": dict(item)} if item else {}

        return self._call("get_item", Edge.READ, effect)

    def batch_get_item(self, *, RequestItems: Any) -> Any:  # noqa: N803
        """BatchGetItem."""
        [(name, request)] = RequestItems.items()

        def effect() -> Any:
            found = [self.items.get(_key(key)) for key in request["Keys"]]
            return {"Responses": {name: [dict(item) for item in found if item]}}

        def half(answer: Any) -> Any:
            keys = request["Keys"]
            read, left = keys[: len(keys) // 2], keys[len(keys) // 2 :]
            wanted = {_key(key) for key in read}
            items = [i for i in answer["Responses"][name] if _key(i) in wanted]
            return {"Responses": {name: items}, "UnprocessedKeys": {name: {"Keys": left}}}

        return self._call("batch_get_item", Edge.READ, effect, malformed=half)

    def get_paginator(self, _: str) -> "Table":
        """The paginator of Query, which is all that the handlers ask for."""
        return self

    def paginate(
        self,
        *,
        ExpressionAttributeValues: Any,  # noqa: N803
        ScanIndexForward: bool = True,  # noqa: N803
        **_: Any,
    ) -> Iterator[Any]:
        """The pages of a Query, which is never more than one."""

        def effect() -> Any:
            keys = self._found(ExpressionAttributeValues, backwards=not ScanIndexForward)
            return {"Items": [dict(self.items[key]) for key in keys]}

        yield self._call("query", Edge.READ, effect)

    def query(self, *, ExpressionAttributeValues: Any, Limit: int, **_: Any) -> Any:  # noqa: N803
        """The first items of a Query backwards, which is all that the handlers ask for."""

        def effect() -> Any:
            self.on_read(ExpressionAttributeValues[":pk"]["S"])
            keys = self._found(ExpressionAttributeValues, backwards=True)
            return {"Items": [dict(self.items[key]) for key in keys[:Limit]]}

        return self._call("query", Edge.READ, effect)

    def _found(self, values: Any, *, backwards: bool) -> list[Key]:
        """The keys of a partition whose sort key begins with :prefix, or is at most :sk."""
        given = {name: value["S"] for name, value in values.items()}
        pk, prefix = given[":pk"], given.get(":prefix", "")
        keys = (key for key in self.items if key[0] == pk and key[1].startswith(prefix))
        last = given.get(":sk")
        return sorted((key for key in keys if last is None or key[1] <= last), reverse=backwards)

    def delete_item(self, *, Key: Any, **_: Any) -> Any:  # noqa: N803
        """DeleteItem."""

        def effect() -> Any:
            if before := self.items.pop(_key(Key), None):
                self._watch(_key(Key), before, None)
            return {}

        return self._call("delete_item", Edge.WRITE, effect)

    def put_item(self, **request: Any) -> Any:
        """PutItem."""
        return self._call("put_item", Edge.WRITE, lambda: self._write_all([("Put", request)]))

    def update_item(self, **request: Any) -> Any:
        """UpdateItem."""
        return self._call("update_item", Edge.WRITE, lambda: self.update_now(request))

    def transact_write_items(self, *, TransactItems: Any) -> Any:  # noqa: N803
        """TransactWriteItems; sent twice it has one effect (ClientRequestToken)."""
        actions = [action for each in TransactItems for action in each.items()]

        def effect() -> Any:
            return self._write_all(actions, is_transaction=True)

        return self._call("transact_write_items", Edge.TRANSACTION, effect, again=dict[str, Any])

    def update_now(self, request: Any) -> Any:
        """UpdateItem, outside of a call."""
        before = self.items.get(_key(request["Key"]))
        self._write_all([("Update", request)])
        return {"Attributes": before} if before and "ReturnValues" in request else {}

    def _write_all(
        self, actions: Iterable[tuple[str, Any]], *, is_transaction: bool = False
    ) -> Any:
        written: list[tuple[Key, Item | None, Item]] = []
        refused = list[dict[str, str]]()
        for kind, request in actions:
            key = _key(request["Item" if kind == "Put" else "Key"])
            before = self.items.get(key)
            names = request.get("ExpressionAttributeNames", {})
            values: Any = request.get("ExpressionAttributeValues", {})
            if self.is_old:
                values = {
                    name: _FORMER.get(str(each.get("S")), each) for name, each in values.items()
                }
            required = request.get("ConditionExpression")
            if required and not condition(required)(before or {}, names, values):
                if not is_transaction:
                    raise _refusal(
                        "ConditionalCheckFailedException", 400, Item=_asked(request, before)
                    )
                refused.append({"Code": "ConditionalCheckFailed"})
                continue
            refused.append({"Code": "None"})
            if kind == "Put":
                after = request["Item"]
            else:
                try:
                    after = update(request["UpdateExpression"])(
                        before or request["Key"], names, values
                    )
                except InvalidUpdateError as error:
                    raise _refusal("ValidationException", 400, message=str(error)) from None
            written.append((key, before, after))
        if any(each["Code"] != "None" for each in refused):
            raise _refusal("TransactionCanceledException", 400, CancellationReasons=refused)
        for key, before, after in written:
            self.items[key] = after
            self._watch(key, before, after)
        return {}

    def _call(self, operation: str, edge: Edge, effect: Callable[[], Any], **more: Any) -> Any:
        def answered() -> Any:
            if not self.is_up:
                self._edges.strike(current().invocation)
                raise failure(Fault.THROTTLED)
            return effect()

        return self._edges.call(operation, edge, answered, failure, **more)


def failure(fault: Fault) -> Exception:
    """DynamoDB's error, after the SDK's own attempts."""
    match fault:
        case Fault.THROTTLED:
            return _refusal(_THROTTLED, 400)
        case Fault.REFUSED:
            return _refusal("AccessDeniedException", 400)
        case _:
            return ReadTimeoutError(endpoint_url="dynamodb")


def _refusal(code: str, status: int, message: str = "", **more: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **{name: value for name, value in more.items() if value},
    }
    return ClientError(response, "simulated")


def _asked(request: Any, before: Item | None) -> Item | None:
    return before if "ReturnValuesOnConditionCheckFailure" in request else None


def _key(key: Any) -> Key:
    return key["pk"]["S"], key["sk"]["S"]
