"""The words that this project's code writes: all others may be a user's or a secret.

A list of what is secret never ends; a list of our own words does, and the code is that list.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from declared.program import ROOT

_ROOMS = ("handlers", "components")
_LETTERS = re.compile(r"[A-Za-z]+")
_SEPARATORS = re.compile(r"[-_./:@#$>+]+")
_AWS = """
    START END REPORT INIT RequestId Version LATEST Duration Billed Memory Size Max Used Init ms MB
    XRAY TraceId Status error type Phase Task timed out after seconds Runtime exited without
    providing a reason with signal killed exit status Unknown application occurred is not available
    arn aws states lambda dynamodb logs sns sqs kms events execution stateMachine
    Alarm updated from to OK ALARM INSUFFICIENT DATA created deleted StateUpdate
    ConfigurationUpdate Action actionsSuppressor Successfully executed action Failed to execute
    Threshold Crossed datapoint datapoints was were greater less than or equal the threshold
    missing no for period periods of sec
    States Timeout TaskFailed Runtime DataLimitExceeded Permissions Sandbox Timedout
    ServiceException AWSLambdaException SdkClientException TooManyRequestsException
    Execution Started Succeeded Failed Aborted TimedOut Entered Exited Scheduled Submitted Iteration
    Map Task Pass Choice Succeed Fail State Lambda Function Activity Evaluation
    An the called when calling operation reached max retries
"""
"""Words of AWS's own log lines, alarms and errors (Lambda and CloudWatch user guides)."""

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LEAST = 3
"""Of a name such as TaskStateEntered, words this long; shorter ones would spell any random text."""

_SHORT_NUMBER = re.compile(r"\d{1,3}")
_ERROR_NAME = re.compile(r"([A-Z][a-z]{1,20}){1,5}(Error|Exception)")


def is_known(token: str) -> bool:
    """Whether each part of a word is one of ours, a short number beside words, or an error's name.

    Parts are what stands between hyphens, dots, slashes and the like.
    """
    parts = [part for part in _SEPARATORS.split(token) if part]
    words = [part for part in parts if not _SHORT_NUMBER.fullmatch(part)]
    return len(parts) - len(words) <= len(words) and all(_is_word(word) for word in words)


def _is_word(text: str) -> bool:
    if text.lower() in _words() or _ERROR_NAME.fullmatch(text):
        return True
    parts = _PARTS.findall(text)
    return "".join(parts) == text and all(
        len(part) >= _LEAST and part.lower() in _words() for part in parts
    )


@cache
def _words() -> frozenset[str]:
    files = (file for room in _ROOMS for file in sorted((ROOT / room).rglob("*.py")))
    texts = (text for file in files for text in _literals(file))
    words = {w.lower() for text in (*texts, _AWS) for w in _LETTERS.findall(text)}
    return frozenset({word for word in words if len(word) > 1} | {"a", "s"})


def _literals(file: Path) -> Iterator[str]:
    """The texts of a module but for its docstrings, which are prose."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value
