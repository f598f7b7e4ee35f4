"""What lets GitHub deploy the task-generation workflow: one stack an environment, by hand, once."""

import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws

# Pulumi runs this file from the folder that it is in.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deployment.github_roles import GitHubRoles, GitHubRolesArgs
from deployment.settings import check_account, read_settings

settings = read_settings()
check_account(settings, aws.get_caller_identity().account_id)
roles = GitHubRoles("github", GitHubRolesArgs(settings))

pulumi.export("deployRoleArn", roles.deploy.arn)
pulumi.export("previewRoleArn", roles.preview.arn)
pulumi.export("boundaryArn", roles.boundary.arn)
