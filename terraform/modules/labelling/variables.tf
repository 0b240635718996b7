variable "name_prefix" {
  type        = string
  description = "Begins every name."
}

variable "arn" {
  type        = object({ partition = string, region = string, account = string })
  description = "What the ARNs of this account and region are made of."
}

variable "bucket" {
  type        = string
  description = "Bucket of the images and of what labelling makes of them."
}

variable "key_arn" {
  type        = string
  description = "Key that encrypts both."
}

variable "private_team" {
  type        = object({ user_pool_id = string })
  description = "User pool to make a private work team from; null makes none."
}
