"""Filter patterns of words for FilterLogEvents: MiniStack's have no alternatives (`?word`)."""

import re
from collections.abc import Callable

from localcloud.aws.ministack import logs

_TERM = re.compile(r'([-+?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')
_compile_filter_pattern = logs._compile_filter_pattern


def compile_filter_pattern(pattern: str) -> Callable[[str], bool]:
    """The matcher of a pattern (CloudWatch Logs User Guide: filter pattern syntax, text).

    All words have to occur, none with `-`; of words that all have `?` one. Beside others, words
    with `?` do not count. Patterns for JSON and for columns are MiniStack's, which match all.
    """
    if pattern.strip()[:1] in ("", "{", "["):
        return _compile_filter_pattern(pattern)
    terms = [
        (sign, quoted.replace('\\"', '"') or bare) for sign, quoted, bare in _TERM.findall(pattern)
    ]
    optional = [text for sign, text in terms if sign == "?"]
    excluded = [text for sign, text in terms if sign == "-"]
    required = [text for sign, text in terms if sign in ("", "+")]

    def matches(message: str) -> bool:
        if any(text in message for text in excluded):
            return False
        if required or excluded:
            return all(text in message for text in required)
        return any(text in message for text in optional)

    return matches
