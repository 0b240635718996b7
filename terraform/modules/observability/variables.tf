variable "name_prefix" {
  type        = string
  description = "Begins every name; also the namespace of the functions' own metrics."
}

variable "region" {
  type        = string
  description = "Region of the metrics."
}

variable "account" {
  type        = string
  description = "Number of the account."
}

variable "key_arn" {
  type        = string
  description = "Key that encrypts the alarms' topic."
}

variable "queues" {
  type        = map(object({ name = string, dead_letters = string, visibility_seconds = number }))
  description = "Queue of each service that has one."
}

variable "functions" {
  type        = map(string)
  description = "Names of all functions, by any key."
}

variable "called_functions" {
  type        = map(string)
  description = "Names of the functions that a queue or the API calls; the clock's are watched by what they complete."
}

variable "watchers" {
  type        = set(string)
  description = "Services with a function that the clock calls."
}

variable "watch_interval_minutes" {
  type        = number
  description = "How often the clock calls."
}

variable "api" {
  type        = object({ name = string, stage = string })
  description = "Name and stage of the API."
}

variable "event_log_group" {
  type        = string
  description = "Log group of the function that hears every event."
}

variable "alarm_email" {
  type        = string
  description = "Address that alarms and the budget write to; null for none."
}

variable "model_running_alarm_hours" {
  type        = number
  description = "After how many hours a running model raises an alarm; null for never."
}

variable "monthly_budget_usd" {
  type        = number
  description = "Budget of the account for Rekognition and SageMaker; null for none."
}
