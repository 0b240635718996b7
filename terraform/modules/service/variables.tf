variable "service" {
  type = object({
    name        = string
    description = string
    consumes    = list(string)
    eventbridge = map(string)
    table_of    = optional(string)
    table = optional(object({
      partition_key = string
      sort_key      = optional(string)
      ttl           = optional(string)
      indexes = optional(map(object({
        partition_key = string
        sort_key      = optional(string)
        projection    = string
      })), {})
    }))
    tables = map(object({
      partition_key = string
      sort_key      = optional(string)
      ttl           = optional(string)
      indexes = optional(map(object({
        partition_key = string
        sort_key      = optional(string)
        projection    = string
      })), {})
    }))
    environment = map(string)
    functions = map(object({
      handler         = string
      timeout         = number
      memory          = number
      on              = optional(string)
      batch_size      = optional(number)
      max_concurrency = optional(number)
      every           = optional(string)
      routes          = optional(list(string), [])
    }))
    allow = list(object({
      actions = list(string)
      on      = list(string)
      when    = map(map(list(string)))
    }))
  })
  description = "The service.yaml, its placeholders filled in; eventbridge holds each pattern as JSON."

  validation {
    condition     = length([for function in values(var.service.functions) : function if function.on == "queue"]) == (length(var.service.consumes) + length(var.service.eventbridge) > 0 ? 1 : 0)
    error_message = "A service that consumes events has exactly one function 'on: queue', any other has none."
  }

  validation {
    condition     = alltrue([for function in values(var.service.functions) : length([for trigger in [function.on != null, function.every != null, length(function.routes) > 0] : trigger if trigger]) == 1])
    error_message = "A function has exactly one of 'on', 'every' and 'routes'."
  }

  validation {
    condition     = var.service.table == null || var.service.table_of == null
    error_message = "A service has 'table' or 'table_of', not both."
  }
}

variable "name_prefix" {
  type        = string
  description = "Begins every name."
}

variable "arn" {
  type        = object({ partition = string, region = string, account = string })
  description = "What the ARNs of this account and region are made of."
}

variable "package" {
  type        = string
  description = "Path of the service's zip."
}

variable "architecture" {
  type        = string
  description = "Processor that the zip was built for."
}

variable "environment" {
  type        = map(string)
  description = "Variables of the functions of all services; those of the service are added."
}

variable "overrides" {
  type        = map(string)
  description = "Variables that win over all others."
}

variable "topic_arn" {
  type        = string
  description = "Topic of the events."
}

variable "key_arn" {
  type        = string
  description = "Key that encrypts queues, tables and logs."
}

variable "log_retention_days" {
  type        = number
  description = "How long logs are kept."
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the tables refuse to be destroyed."
}
