variable "name_prefix" {
  type        = string
  description = "Begins the alias, and the names of the roles that may use the key."
}

variable "partition" {
  type        = string
  description = "Partition of the account, such as aws."
}

variable "region" {
  type        = string
  description = "Region of the key."
}

variable "account" {
  type        = string
  description = "Number of the account."
}

variable "operator_role_arns" {
  type        = list(string)
  description = "Roles of people who may use the key."
}
