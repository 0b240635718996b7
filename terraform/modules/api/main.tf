resource "aws_api_gateway_rest_api" "api" {
  #checkov:skip=CKV_AWS_237: a replacement changes the API's address, so it must not happen by itself
  name        = var.name_prefix
  description = "${local.openapi.info.title} of ${var.name_prefix}"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

# ---- routes

resource "aws_api_gateway_resource" "depth_1" {
  for_each    = local.paths_of_depth[1]
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "depth_2" {
  for_each    = local.paths_of_depth[2]
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_resource.depth_1[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "depth_3" {
  for_each    = local.paths_of_depth[3]
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_resource.depth_2[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "depth_4" {
  for_each    = local.paths_of_depth[4]
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_resource.depth_3[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "depth_5" {
  for_each    = local.paths_of_depth[5]
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_resource.depth_4[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "depth_6" {
  for_each    = local.paths_of_depth[6]
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_resource.depth_5[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_request_validator" "request" {
  rest_api_id                 = aws_api_gateway_rest_api.api.id
  name                        = "parameters-and-body"
  validate_request_parameters = true
  validate_request_body       = true
}

resource "aws_api_gateway_model" "body" {
  for_each = local.models

  rest_api_id  = aws_api_gateway_rest_api.api.id
  name         = each.key
  description  = try(local.schemas[each.key].description, null)
  content_type = "application/json"
  schema       = each.value
}

resource "aws_api_gateway_authorizer" "tokens" {
  count = var.auth == "cognito" ? 1 : 0

  rest_api_id   = aws_api_gateway_rest_api.api.id
  name          = "tokens"
  type          = "COGNITO_USER_POOLS"
  provider_arns = [var.user_pool_arn]
}

resource "aws_api_gateway_method" "route" {
  for_each = local.routes

  rest_api_id          = aws_api_gateway_rest_api.api.id
  resource_id          = local.resource_ids[each.value.path]
  http_method          = each.value.method
  authorization        = local.authorization[each.key]
  authorizer_id        = local.authorization[each.key] == "COGNITO_USER_POOLS" ? aws_api_gateway_authorizer.tokens[0].id : null
  authorization_scopes = local.authorization[each.key] == "COGNITO_USER_POOLS" ? [each.value.method == "GET" ? var.scopes.read : var.scopes.write] : null
  request_validator_id = aws_api_gateway_request_validator.request.id
  request_parameters   = local.parameters[each.key]
  # Whatever type the client says its body has, the function reads it as JSON.
  request_models = contains(keys(local.bodies), each.key) ? {
    "application/json" = aws_api_gateway_model.body[local.bodies[each.key]].name
    "$default"         = aws_api_gateway_model.body[local.bodies[each.key]].name
  } : null
}

resource "aws_api_gateway_integration" "function" {
  for_each = local.routes

  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = local.resource_ids[each.value.path]
  http_method = aws_api_gateway_method.route[each.key].http_method
  type        = "AWS_PROXY"
  # Lambda is always called with POST, whatever the client used [PutIntegration].
  integration_http_method = "POST"
  uri                     = each.value.function.invoke_arn
}

resource "aws_lambda_permission" "api" {
  for_each = toset([for function in values(var.routes) : function.name])

  statement_id  = "api"
  function_name = each.value
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/*"
}

resource "aws_api_gateway_gateway_response" "problem" {
  for_each = local.problems

  rest_api_id   = aws_api_gateway_rest_api.api.id
  response_type = each.key
  status_code   = each.value.status

  response_parameters = {
    "gatewayresponse.header.Content-Type" = "'application/problem+json'"
  }
  response_templates = {
    # Fixed words: the gateway's own would bring quotes from the request into this JSON.
    "application/json" = jsonencode({
      type   = "urn:ekyc:problem:${each.value.type}"
      title  = each.value.title
      status = each.value.status
      detail = each.value.detail
    })
  }
}

# ---- stage

resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id

  # A deployment is a snapshot: anything that changes what it holds must make another.
  triggers = {
    configuration = sha256(jsonencode([
      local.parameters, local.bodies, local.models, local.authorization, local.problems, var.scopes,
      { for name, route in local.routes : name => route.function.name },
      aws_api_gateway_authorizer.tokens[*].id,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_integration.function, aws_api_gateway_gateway_response.problem]
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name_prefix}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

# API Gateway writes the causes of its own errors to a group of this name, and would make one that is kept for ever.
resource "aws_cloudwatch_log_group" "execution" {
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.api.id}/${local.stage}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_api_gateway_stage" "live" {
  #checkov:skip=CKV_AWS_120: an answer a moment old would show a job where it no longer is
  #checkov:skip=CKV2_AWS_51: a client certificate is for HTTP integrations; these call Lambda
  #checkov:skip=CKV2_AWS_77: AWSManagedRulesKnownBadInputsRuleSet is among local.managed_rules, where the check does not see it
  rest_api_id          = aws_api_gateway_rest_api.api.id
  deployment_id        = aws_api_gateway_deployment.api.id
  stage_name           = local.stage
  description          = "The one stage; another environment is another deployment of everything"
  xray_tracing_enabled = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    # Who, what, how long: no query, no body, no header, and of people the id alone. What a request lacks is logged as -.
    format = jsonencode({
      requestId    = "$context.requestId"
      time         = "$context.requestTime"
      ip           = "$context.identity.sourceIp"
      subject      = "$context.authorizer.claims.sub"
      client       = "$context.authorizer.claims.client_id"
      arn          = "$context.identity.userArn"
      method       = "$context.httpMethod"
      path         = "$context.path"
      status       = "$context.status"
      milliseconds = "$context.responseLatency"
      error        = "$context.error.responseType"
    })
  }

  depends_on = [aws_api_gateway_account.logs, aws_cloudwatch_log_group.execution]
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225: an answer a moment old would show a job where it no longer is
  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
    throttling_rate_limit  = var.throttle.rate
    throttling_burst_limit = var.throttle.burst
  }
}

resource "aws_iam_role" "logs" {
  count = var.log_role ? 1 : 0

  name        = "${var.name_prefix}-api-gateway-logs"
  description = "With which API Gateway writes logs, for every API of the account and region"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["apigateway.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  count = var.log_role ? 1 : 0

  role       = aws_iam_role.logs[0].name
  policy_arn = "arn:${var.arn.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "logs" {
  count = var.log_role ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.logs[0].arn

  depends_on = [aws_iam_role_policy_attachment.logs]
}
