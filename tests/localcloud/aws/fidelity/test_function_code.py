"""Lambda: the code of a function and of its versions."""

import base64
import hashlib
from urllib.request import urlopen

from tests.localcloud.emulated import EmulatedAws, package


def test_the_code_of_each_version_can_be_had(aws: EmulatedAws) -> None:
    function = aws.function(aws.role("lambda"))
    first = aws.functions.publish_version(FunctionName=function)
    aws.functions.update_function_code(FunctionName=function, ZipFile=package("handler = print"))
    second = aws.functions.publish_version(FunctionName=function)

    for version in (first, second):
        found = aws.functions.get_function(FunctionName=function, Qualifier=version["Version"])
        with urlopen(found["Code"]["Location"], timeout=20) as answer:
            digest = hashlib.sha256(answer.read()).digest()
        assert base64.b64encode(digest).decode() == version["CodeSha256"]
    assert first["CodeSha256"] != second["CodeSha256"]
