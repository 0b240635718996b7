variable "name_prefix" {
  type        = string
  description = "Begins every name."
}

variable "arn" {
  type        = object({ partition = string, region = string, account = string })
  description = "What the ARNs of this account and region are made of."
}

variable "functions" {
  type        = map(object({ name = string, arn = string }))
  description = "Functions to call, by any key."
}

variable "every_minutes" {
  type        = number
  description = "How often they are called."
}

variable "with" {
  type        = string
  description = "EventBridge Scheduler (scheduler) or scheduled rules (rules)."
}
