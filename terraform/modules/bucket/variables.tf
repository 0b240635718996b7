variable "name" {
  type        = string
  description = "Name of the bucket."
}

variable "key_arn" {
  type        = string
  description = "Key that encrypts the objects."
}

variable "image_retention_days" {
  type        = number
  description = "How long images and what labelling made of them are kept, in days."
}

variable "upload_origins" {
  type        = list(string)
  description = "Web origins whose pages may PUT images."
}

variable "access_log_bucket" {
  type        = string
  description = "Bucket that takes the access logs; null for none."
}

variable "force_destroy" {
  type        = bool
  description = "Whether the bucket is destroyed with its objects."
}

variable "encrypted_transport_only" {
  type        = bool
  description = "Whether requests without TLS are refused."
}
