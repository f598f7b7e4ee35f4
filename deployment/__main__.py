"""The roles with which GitHub deploys the workflow: one stack an environment, by hand, once."""

import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws

# Pulumi puts only this file's folder on the path, not the repository's.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from components.settings import check_credentials
from deployment.github_roles import GitHubRoles, GitHubRolesArgs
from deployment.settings import read_settings

settings = read_settings()
check_credentials(settings.names, aws.get_caller_identity().account_id)
roles = GitHubRoles("github", GitHubRolesArgs(settings))

pulumi.export("deployRoleArn", roles.deploy.arn)
pulumi.export("previewRoleArn", roles.preview.arn)
pulumi.export("boundaryArn", roles.boundary.arn)
