# API Gateway imports OpenAPI 3.0 and ours is 3.1, so what it can make use of is taken from the document here: the
# routes, the parameters that must be there, and the schemas of bodies that must be there.
locals {
  stage   = "live"
  openapi = jsondecode(var.openapi)
  schemas = local.openapi.components.schemas

  routes = { for route, function in var.routes : route => {
    method    = split(" ", route)[0]
    path      = split(" ", route)[1]
    function  = function
    operation = try(local.openapi.paths[split(" ", route)[1]][lower(split(" ", route)[0])], {})
  } }

  # ---- paths: each is a resource below that of its parent

  paths = toset(flatten([for route in values(local.routes) : [
    for depth in range(1, length(split("/", route.path))) : join("/", slice(split("/", route.path), 0, depth + 1))
  ]]))
  paths_of_depth = { for depth in range(1, 7) : depth => { for path in local.paths : path => {
    part   = reverse(split("/", path))[0]
    parent = join("/", slice(split("/", path), 0, depth))
  } if length(split("/", path)) == depth + 1 } }
  resource_ids = merge(
    { for path, resource in aws_api_gateway_resource.depth_1 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.depth_2 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.depth_3 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.depth_4 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.depth_5 : path => resource.id },
    { for path, resource in aws_api_gateway_resource.depth_6 : path => resource.id },
  )

  # ---- what a request must have

  locations = { path = "path", query = "querystring", header = "header" }
  parameters = { for name, route in local.routes : name => {
    for parameter in try(route.operation.parameters, []) :
    "method.request.${local.locations[parameter.in]}.${parameter.name}" => true
    if try(parameter.required, false)
  } }

  # An optional body is left to the function: API Gateway refuses an absent one as soon as it has a schema.
  bodies = { for name, route in local.routes : name => reverse(split("/", route.operation.requestBody.content["application/json"].schema["$ref"]))[0]
    if try(route.operation.requestBody.required, false) && can(route.operation.requestBody.content["application/json"].schema["$ref"])
  }
  # What a schema refers to, three steps deep, travels with it: a model stands alone.
  references = { for name, schema in local.schemas : name => [for found in regexall("#/components/schemas/([A-Za-z0-9_]+)", jsonencode(schema)) : found[0]] }
  models = { for name in toset(values(local.bodies)) : name => replace(jsonencode(merge(local.schemas[name], {
    "$schema" = "http://json-schema.org/draft-04/schema#"
    definitions = { for needed in distinct(flatten([for first in local.references[name] : [first, [
      for second in local.references[first] : [second, local.references[second]]
    ]]])) : needed => local.schemas[needed] }
  })), "#/components/schemas/", "#/definitions/") }

  # ---- who may call

  authorization = { for name in keys(local.routes) : name => contains(var.open_routes, name) ? "NONE" : lookup({ cognito = "COGNITO_USER_POOLS", iam = "AWS_IAM" }, var.auth, "NONE") }

  # ---- what the gateway itself answers, in the form of every other problem (RFC 9457)

  problems = {
    BAD_REQUEST_BODY             = { status = 422, type = "invalid-request", title = "The request is not valid", detail = "A parameter or the body is missing or malformed; GET /openapi.json says what the route takes." }
    BAD_REQUEST_PARAMETERS       = { status = 422, type = "invalid-request", title = "The request is not valid", detail = "A parameter or the body is missing or malformed; GET /openapi.json says what the route takes." }
    UNAUTHORIZED                 = { status = 401, type = "not-authenticated", title = "Not signed in", detail = "Send a valid token or signature." }
    EXPIRED_TOKEN                = { status = 401, type = "not-authenticated", title = "Signed in too long ago", detail = "Get a new token." }
    ACCESS_DENIED                = { status = 403, type = "not-allowed", title = "Not allowed", detail = "Your token or policy does not allow this." }
    MISSING_AUTHENTICATION_TOKEN = { status = 403, type = "no-such-route", title = "No such route, or not signed in", detail = "Check method and path, and sign the request if the API asks for it." }
    REQUEST_TOO_LARGE            = { status = 413, type = "request-too-large", title = "The request is too large", detail = "An image to try has at most 4 MB; images to train on are PUT to their upload URLs." }
    THROTTLED                    = { status = 429, type = "try-again", title = "Too many requests", detail = "Try again in a moment." }
    WAF_FILTERED                 = { status = 403, type = "not-allowed", title = "Not allowed", detail = "The firewall refused the request." }
    INTEGRATION_FAILURE          = { status = 503, type = "try-again", title = "The service cannot answer just now", detail = "Try again in a moment." }
    INTEGRATION_TIMEOUT          = { status = 503, type = "try-again", title = "The service cannot answer just now", detail = "Try again in a moment." }
    API_CONFIGURATION_ERROR      = { status = 503, type = "try-again", title = "The service cannot answer just now", detail = "Try again in a moment." }
  }
}
