"""`env`: variables for the AWS CLI and any SDK, so that they talk to the cloud."""

from localcloud.aws.clients import ROOT
from localcloud.cluster.state import CloudState

UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
"""What would choose other credentials."""


def exports(state: CloudState) -> str:
    """Lines for a shell: `eval "$(python -m localcloud env)"`."""
    variables = {
        "AWS_ENDPOINT_URL": state.endpoint,
        "AWS_ACCESS_KEY_ID": ROOT.access_key,
        "AWS_SECRET_ACCESS_KEY": ROOT.secret_key,
        "AWS_REGION": state.region,
        "AWS_DEFAULT_REGION": state.region,
    }
    lines = [f"unset {' '.join(UNSET)}"]
    return "\n".join([*lines, *(f"export {name}={value}" for name, value in variables.items())])
