"""What API Gateway writes down of each request."""

import json

from tests.terraform.mocked import Made


def test_the_access_log_says_who_asked_for_what_without_names_queries_and_bodies(made: Made) -> None:
    [stage] = made.of("aws_api_gateway_stage")
    [settings] = stage.values["access_log_settings"]
    logged = set(json.loads(settings["format"]).values())
    who = {
        "$context.authorizer.claims.sub",
        "$context.authorizer.claims.client_id",
        "$context.identity.userArn",
    }
    assert who | {"$context.path", "$context.httpMethod", "$context.status"} <= logged
    # Filled by Lambda authorizers alone, of which there is none.
    assert "$context.authorizer.principalId" not in logged
    claims = {variable for variable in logged if variable.startswith("$context.authorizer.claims.")}
    assert claims <= who
