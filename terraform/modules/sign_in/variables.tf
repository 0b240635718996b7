variable "name_prefix" {
  type        = string
  description = "Begins every name."
}

variable "account" {
  type        = string
  description = "Number of the account; part of the sign-in page's host name, which is shared by a whole region."
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the user pool refuses to be destroyed."
}
