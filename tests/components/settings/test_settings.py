"""Settings: every key of the design, the guide's variables over it, errors that help."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.settings import SettingsError, check_credentials, parse
from handlers.generation.time_budget import TimeBudget
from tests.components.conftest import OF_DEV, SECRETS

ROOT = Path(__file__).parents[3]
CONFIGURED = {**OF_DEV, **SECRETS}


def test_the_defaults_are_those_of_the_design() -> None:
    settings = parse(CONFIGURED, {})
    assert settings.workflow_timeout == 900
    assert settings.concurrency == 24
    assert settings.batch_size == 8
    assert (settings.retry.interval_seconds, settings.retry.max_attempts) == (2, 3)
    throttled = settings.throttle_retry
    assert (throttled.interval_seconds, throttled.max_attempts, throttled.backoff_rate) == (
        10,
        5,
        2.0,
    )
    assert settings.generation.timeout == 120
    assert settings.table.ttl_days == 90
    assert settings.bedrock_model == "apac.amazon.nova-micro-v1:0"


@pytest.mark.parametrize(
    ("variable", "field", "value"),
    [
        ("WORKFLOW_TIMEOUT", "workflow_timeout", 1200),
        ("MAX_BATCH_CONCURRENCY", "max_batch_concurrency", 2),
        ("MAX_ACTION_CONCURRENCY", "max_action_concurrency", 6),
        ("BATCH_SIZE", "batch_size", 6),
    ],
)
def test_the_guides_variables_override_the_configuration(
    variable: str, field: str, value: int
) -> None:
    configured = {**CONFIGURED, field: str(value - 1)}
    assert getattr(parse(configured, {}), field) == value - 1
    assert getattr(parse(configured, {variable: str(value)}), field) == value


@pytest.mark.parametrize("variable", ["DATABASE_URL", "JWT_SECRET", "SLACK_WEBHOOK"])
def test_secrets_may_come_from_the_environment(variable: str) -> None:
    field = variable.lower()
    configured = {key: value for key, value in CONFIGURED.items() if key != field}
    settings = parse(configured, {variable: CONFIGURED[field]})
    assert getattr(settings, field).get_secret_value() == CONFIGURED[field]


@pytest.mark.parametrize("field", ["database_url", "jwt_secret", "slack_webhook"])
def test_a_missing_secret_is_an_error_with_the_command_that_sets_it(field: str) -> None:
    configured = {key: value for key, value in CONFIGURED.items() if key != field}
    with pytest.raises(SettingsError) as error:
        parse(configured, {})
    head, *rest = field.split("_")
    key = f"goal-mandala:{head}{''.join(part.capitalize() for part in rest)}"
    assert f"pulumi config set --secret {key}" in str(error.value)


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("batch_size", "8.5", "goal-mandala:batchSize = 8.5: Input should be a valid integer"),
        ("batch_size", "many", "goal-mandala:batchSize = 'many': Input should be a valid integer"),
        ("batch_size", "true", "goal-mandala:batchSize = True: "),
        ("batch_size", "0", "greater than or equal to 1"),
        ("account_id", "12", "goal-mandala:accountId = '12': "),
        ("region", "tokyo", "aws:region = 'tokyo': "),
        ("retry", '{"maxAttempts": 11}', "goal-mandala:retry.maxAttempts = 11: "),
        ("retry", '{"maxAttemps": 3}', "goal-mandala:retry.maxAttemps = 3: Extra inputs"),
        ("table", '{"billing": "cheap"}', "'onDemand' or 'provisioned'"),
        ("alert_emails", '["nobody"]', "goal-mandala:alertEmails.0 = 'nobody': "),
        ("cors_origins", '["*"]', "goal-mandala:corsOrigins.0 = '*': "),
        ("cognito", '{"userPoolId": "ap-northeast-1_a"}', "goal-mandala:cognito.clientIds is miss"),
        ("bedrock_model", "sa.amazon.nova-micro-v1:0", "goal-mandala:bedrockModel = "),
        ("vpc", '{"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}', "at least 2 items"),
        (
            "vpc",
            '{"subnetIds": ["sg-1"], "securityGroupIds": ["sg-1"]}',
            "vpc.subnetIds.0 = 'sg-1'",
        ),
        ("vpc", '{"subnetIds": ["subnet-1", "subnet-1"], "securityGroupIds": ["sg-1"]}', "twice"),
        ("environment", "production", "'local', 'dev', 'staging' or 'prod'"),
    ],
)
def test_a_bad_value_is_an_error_that_names_key_value_and_what_is_allowed(
    field: str, text: str, message: str
) -> None:
    with pytest.raises(SettingsError) as error:
        parse({**CONFIGURED, field: text}, {})
    assert message in str(error.value)


PROFILE = "arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/a1b2c3d4e5f6"


@pytest.mark.parametrize(
    "model",
    [
        "amazon.nova-2-lite-v1:0",
        "jp.amazon.nova-2-lite-v1:0",
        "global.amazon.nova-2-lite-v1:0",
        "jp.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "global.anthropic.claude-opus-4-6-v1",
        "au.anthropic.claude-haiku-4-5-20251001-v1:0",
    ],
)
def test_models_and_profiles_of_today_are_accepted(model: str) -> None:
    assert parse({**CONFIGURED, "bedrock_model": model}, {}).bedrock_model == model


def test_an_application_inference_profile_names_the_model_behind_it() -> None:
    source = "jp.amazon.nova-2-lite-v1:0"
    configured = {**CONFIGURED, "bedrock_model": PROFILE, "bedrock_profile_source": source}
    assert parse(configured, {}).bedrock_model == PROFILE
    with pytest.raises(SettingsError, match="needs bedrockProfileSource"):
        parse({**CONFIGURED, "bedrock_model": PROFILE}, {})
    with pytest.raises(SettingsError, match="any other model takes none"):
        parse({**CONFIGURED, "bedrock_profile_source": source}, {})


@pytest.mark.parametrize(
    "elsewhere",
    [PROFILE.replace("ap-northeast-1", "us-east-1"), PROFILE.replace("123456789012", "9" * 12)],
)
def test_an_application_inference_profile_is_of_the_stacks_account_and_region(
    elsewhere: str,
) -> None:
    source = "amazon.nova-micro-v1:0"
    with pytest.raises(SettingsError, match="the stack's account and region"):
        parse(
            {**CONFIGURED, "bedrock_model": elsewhere, "bedrock_profile_source": source},
            {},
        )


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_an_api_that_would_refuse_its_web_client_is_not_deployed(environment: str) -> None:
    configured = {**CONFIGURED, "environment": environment}
    with pytest.raises(SettingsError, match=r"corsOrigins = \[\].*or set browserClient: false"):
        parse(configured, {})
    assert not parse({**configured, "browser_client": "false"}, {}).cors_origins
    origins = '["https://goals.example.com"]'
    assert parse({**configured, "cors_origins": origins}, {}).cors_origins
    with pytest.raises(SettingsError, match="browserClient = false"):
        parse({**configured, "cors_origins": origins, "browser_client": "false"}, {})


def test_a_function_is_kept_warm_or_starts_from_a_snapshot_but_not_both() -> None:
    warm = {"generation": '{"provisionedConcurrency": 5}'}
    both = r"snapStart = true, generation.provisionedConcurrency = 5: .*set .* to 0 or snapStart"
    with pytest.raises(SettingsError, match=both):
        parse({**CONFIGURED, **warm, "snap_start": "true"}, {})
    assert parse({**CONFIGURED, "snap_start": "true"}, {}).snap_start
    assert not parse({**CONFIGURED, **warm}, {}).snap_start


def test_an_error_in_a_variable_names_the_variable() -> None:
    with pytest.raises(SettingsError, match="BATCH_SIZE, over goal-mandala:batchSize, = 'x'"):
        parse(CONFIGURED, {"BATCH_SIZE": "x"})


def test_no_error_shows_a_secret() -> None:
    with pytest.raises(SettingsError) as error:
        parse({**CONFIGURED, "database_url": "mysql://u:hunter2@h/d", "batch_size": "0"}, {})
    assert "postgresql://" in str(error.value)
    assert "hunter2" not in str(error.value)
    assert "hunter2" not in repr(parse(CONFIGURED, {}))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://app@db.invalid/goals", "has no password"),
        ("postgresql://app:hunter2@db.invalid", "names no database"),
        ("postgresql://app:hunter2@localhost/goals", "names this machine"),
        ("postgresql://app:#hunter2@db.invalid/goals", "holds a #: write it as %23"),
        ("postgresql://app:hunter2@db.invalid/goals?sslidentity=a.p12", "a client certificate"),
        ("postgresql://app:hunter2@db.invalid/goals?pool_timout=1", "pool_timout is unknown"),
        ("postgresql://app:hunter2@db.invalid/goals?sslcert=ca.pem", "handlers/storage/certificat"),
    ],
)
def test_a_database_url_that_cannot_work_is_refused_with_the_reason(url: str, says: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse({**CONFIGURED, "database_url": url}, {})
    assert str(error.value).startswith("goal-mandala:databaseUrl = (secret): ")
    assert says in str(error.value)
    assert "hunter2" not in str(error.value)


def test_the_local_stacks_database_needs_no_password() -> None:
    local = {**CONFIGURED, "environment": "local", "database_url": "postgresql://u@127.0.0.1/goals"}
    assert parse(local, {}).environment == "local"


def test_prismas_url_of_a_pooler_is_taken() -> None:
    url = "postgresql://app:hunter2@pooler.example:6432/app?schema=public&pgbouncer=true"
    configured = {**CONFIGURED, "database_url": f"{url}&connection_limit=1"}
    assert parse(configured, {}).environment == "dev"


@given(batches=st.integers(1, 60), actions=st.integers(1, 60))
@example(batches=5, actions=8)
@example(batches=1, actions=41)
def test_more_than_forty_at_once_is_refused_with_the_reason(batches: int, actions: int) -> None:
    environ = {"MAX_BATCH_CONCURRENCY": str(batches), "MAX_ACTION_CONCURRENCY": str(actions)}
    if batches * actions <= 40:
        assert parse(CONFIGURED, environ).concurrency == batches * actions
    else:
        with pytest.raises(SettingsError, match=f"= {batches * actions}: at most 40.*inline Map"):
            parse(CONFIGURED, environ)


@given(timeout=st.integers(45, 900))
def test_time_outs_nest_and_a_repair_fits_in_whatever_the_function_has(timeout: int) -> None:
    generation = parse(
        {**CONFIGURED, "generation": json.dumps({"timeout": timeout})},
        {"WORKFLOW_TIMEOUT": str(max(60, timeout + 11))},
    ).generation
    call = generation.call_timeout_seconds
    assert 0 < call < timeout < generation.state_timeout_seconds < timeout + 11
    after_the_first_call = timeout - 5 - call
    budget = TimeBudget(call, 1e12, lambda: after_the_first_call * 1000)
    assert budget.allows_another_call()


@pytest.mark.parametrize(
    ("generation", "says"),
    [
        (
            {"hedgeAfterSeconds": 45},
            r"hedgeAfterSeconds = 45, timeout = 120: must be below \(timeout - 30\) / 2 = 45",
        ),
        ({"hedgeAfterSeconds": 7, "timeout": 45}, "timeout = 45: must be below .* = 7, the time-"),
        ({"hedgeAfterSeconds": -1}, "generation.hedgeAfterSeconds = -1: .* greater than or equal"),
        ({"hedgeAfterSeconds": "soon"}, "generation.hedgeAfterSeconds = 'soon': .* number"),
    ],
)
def test_a_second_call_that_meets_no_first_one_is_refused(
    generation: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        parse({**CONFIGURED, "generation": json.dumps(generation)}, {})


@given(timeout=st.integers(45, 900), data=st.data())
def test_a_second_call_fits_into_whatever_the_function_has(
    timeout: int, data: st.DataObject
) -> None:
    call = (timeout - 30) // 2
    hedge = data.draw(st.floats(0, call, exclude_max=True))
    configured = {"generation": json.dumps({"timeout": timeout, "hedgeAfterSeconds": hedge})}
    environ = {"WORKFLOW_TIMEOUT": str(max(60, timeout + 11))}
    generation = parse({**CONFIGURED, **configured}, environ).generation
    left = timeout - generation.hedge_after_seconds
    budget = TimeBudget(generation.call_timeout_seconds, 1e12, lambda: int(left * 1000))
    assert budget.allows_another_call()


def test_no_call_is_hedged_unless_a_stack_says_so() -> None:
    assert parse(CONFIGURED, {}).generation.hedge_after_seconds == 0


def test_a_state_that_outlives_the_execution_is_refused() -> None:
    with pytest.raises(SettingsError, match="workflowTimeout = 130: must exceed"):
        parse(CONFIGURED, {"WORKFLOW_TIMEOUT": "130"})


@pytest.mark.parametrize(
    ("alarms", "says"),
    [
        ({"failureRate": 100}, "alarms.failureRate"),
        ({"failureRate": 0}, "alarms.failureRate"),
        ({"concurrency": 100}, "alarms.concurrency"),
        ({"timeoutShare": 100.5}, "alarms.timeoutShare"),
        ({"points": 7}, "points = 7, periods = 6: an alarm cannot need more bad periods"),
        ({"noticePoints": 3, "noticePeriods": 2}, "noticePoints = 3, noticePeriods = 2"),
        ({"executionTime": 900}, "alarms.executionTime = 900: must be below workflowTimeout = 900"),
    ],
)
def test_a_setting_with_which_an_alarm_could_not_fire_is_refused(
    alarms: dict[str, float], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        parse({**CONFIGURED, "alarms": json.dumps(alarms)}, {})


@pytest.mark.parametrize(
    "alarms", [{"failureRate": 99.9}, {"points": 6}, {"executionTime": 899}, {"throttles": 0}]
)
def test_a_threshold_that_can_be_passed_is_accepted(alarms: dict[str, float]) -> None:
    parse({**CONFIGURED, "alarms": json.dumps(alarms)}, {})


@pytest.mark.parametrize(
    ("variable", "value"), [("AWS_ACCOUNT_ID", "999999999999"), ("AWS_REGION", "us-east-1")]
)
def test_account_and_region_in_the_environment_must_agree(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} = {value}.*must agree"):
        parse(CONFIGURED, {variable: value})
    parse(CONFIGURED, {"AWS_ACCOUNT_ID": "123456789012", "AWS_REGION": "ap-northeast-1"})


def test_credentials_of_another_account_are_refused() -> None:
    settings = parse(CONFIGURED, {})
    check_credentials(settings.names, "123456789012")
    with pytest.raises(SettingsError, match="credentials belong to account 999999999999"):
        check_credentials(settings.names, "999999999999")


def test_the_default_runbook_is_a_page_of_the_checkout_and_no_dead_link_in_slack() -> None:
    assert (ROOT / parse(CONFIGURED, {}).alarms.runbook).is_file()
