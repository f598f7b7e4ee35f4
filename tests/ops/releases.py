"""Releases by hand, as somebody with the AWS CLI makes them."""

import io
import zipfile

from components.names import ALIAS
from handlers.contract.functions import DependencySet
from ops.stack import Stack


def own_package(stack: Stack, dependencies: DependencySet = "core") -> bytes:
    """The package that was deployed."""
    assert stack.packages is not None
    return next(stack.packages.glob(f"{dependencies}-*.zip")).read_bytes()


def other_package(stack: Stack, marker: str, dependencies: DependencySet = "core") -> bytes:
    """A package that works as the deployed one does and has another hash."""
    content = io.BytesIO(own_package(stack, dependencies))
    with zipfile.ZipFile(content, "a") as package:
        package.writestr("marker.txt", marker)
    return content.getvalue()


def publish(stack: Stack, name: str, package: bytes) -> str:
    """Put a package into a function and publish it; the version. `live` stays where it is."""
    functions = stack.client("lambda")
    functions.update_function_code(FunctionName=name, ZipFile=package)
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
    return functions.publish_version(FunctionName=name)["Version"]


def release(stack: Stack, name: str, package: bytes) -> str:
    """Publish a package and let `live` point at it; the version."""
    version = publish(stack, name, package)
    stack.client("lambda").update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
    return version
