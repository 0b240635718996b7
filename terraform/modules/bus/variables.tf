variable "name_prefix" {
  type        = string
  description = "Begins the topic's name."
}

variable "key_arn" {
  type        = string
  description = "Key that encrypts the messages."
}
