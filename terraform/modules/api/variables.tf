variable "name_prefix" {
  type        = string
  description = "Name of the API, and the beginning of other names."
}

variable "arn" {
  type        = object({ partition = string, region = string, account = string })
  description = "What the ARNs of this account and region are made of."
}

variable "routes" {
  type        = map(object({ name = string, invoke_arn = string }))
  description = "The function that answers each route, such as \"GET /api/health\"."

  validation {
    condition     = alltrue([for route in keys(var.routes) : can(regex("^(GET|POST|PUT|PATCH|DELETE) (/[^/]+){1,6}$", route))])
    error_message = "A route is a method and a path of one to six parts, such as \"GET /api/health\"."
  }
}

variable "openapi" {
  type        = string
  description = "The OpenAPI 3.1 document of the routes, as JSON."
}

variable "open_routes" {
  type        = set(string)
  description = "Routes that anybody may call whatever the authorization."
}

variable "auth" {
  type        = string
  description = "cognito, iam or none."
}

variable "user_pool_arn" {
  type        = string
  description = "User pool whose tokens are taken when auth is cognito."
}

variable "scopes" {
  type        = object({ read = string, write = string })
  description = "Scopes that a token must have, to GET and to do anything else, when auth is cognito."
}

variable "throttle" {
  type        = object({ rate = number, burst = number })
  description = "Requests a second for long, and at once."
}

variable "domain" {
  type        = object({ name = string, certificate_arn = string, zone_id = optional(string) })
  description = "Domain name of one's own; null for none."
}

variable "waf_requests_per_5_minutes" {
  type        = number
  description = "Most requests from one address; null for no web ACL."
}

variable "log_role" {
  type        = bool
  description = "Whether to give API Gateway the account's role for logs."
}

variable "log_retention_days" {
  type        = number
  description = "How long access logs are kept."
}

variable "key_arn" {
  type        = string
  description = "Key that encrypts the access logs."
}
