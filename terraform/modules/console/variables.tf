variable "name_prefix" {
  type        = string
  description = "Begins every name."
}

variable "arn" {
  type        = object({ partition = string, region = string, account = string })
  description = "Parts of the ARNs in this account and region."
}

variable "files_folder" {
  type        = string
  description = "Folder of the built page."
}

variable "api" {
  type        = object({ id = string, stage = string })
  description = "Id of the REST API and its stage, to which /api/ and /openapi.json lead."
}

variable "image_bucket" {
  type        = string
  description = "Name of the bucket of the images, whose pre-signed URLs the page may use."
}

variable "auth" {
  type        = string
  description = "Who may call the API: cognito or none."
}

variable "sign_in" {
  type        = object({ user_pool_id = string, domain = string, scopes = list(string) })
  description = "The user pool, the name of its pages, and what the page asks for; null when nobody signs in."
}

variable "model_running_alarm_hours" {
  type        = number
  description = "From when on the page calls out a model that runs; null for never."
}

variable "domain" {
  type        = object({ name = string, certificate_arn = string, zone_id = optional(string) })
  description = "Domain name of one's own, its certificate in us-east-1, and the Route 53 zone to put it in; null for CloudFront's."
}

variable "price_class" {
  type        = string
  description = "Where in the world CloudFront answers."
}

variable "web_acl_arn" {
  type        = string
  description = "Web ACL of the scope CLOUDFRONT; null for none."
}

variable "access_log_bucket" {
  type        = string
  description = "Bucket that takes the access logs of the page's bucket; null for none."
}

variable "force_destroy" {
  type        = bool
  description = "Whether the bucket is destroyed with its objects."
}

variable "encrypted_transport_only" {
  type        = bool
  description = "Whether requests without TLS are refused."
}
