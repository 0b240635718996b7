# ---- where and under what name

variable "region" {
  type        = string
  description = "Where it is deployed: one of the 11 regions that have both Rekognition Custom Labels and Ground Truth."

  validation {
    # The regions of Custom Labels, each of which also has Ground Truth's functions for bounding boxes.
    condition = contains([
      "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1",
      "eu-west-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-2",
    ], var.region)
    error_message = "Rekognition Custom Labels and Ground Truth are together in 11 regions only: ap-northeast-1, ap-northeast-2, ap-south-1, ap-southeast-1, ap-southeast-2, eu-central-1, eu-west-1, eu-west-2, us-east-1, us-east-2, us-west-2."
  }
}

variable "name_prefix" {
  type        = string
  description = "Begins every name, so that several copies live in one account."
  default     = "ekyc"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name_prefix)) && !strcontains(var.name_prefix, "--")
    error_message = "name_prefix is 2 to 20 lower-case letters, digits and single hyphens; it begins with a letter and does not end with a hyphen."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of everything, besides Application and Deployment."
  default     = {}
}

# ---- data

variable "image_retention_days" {
  type        = number
  description = "How long images and what labelling made of them are kept, in days, each from its own upload. They are personal data."
  default     = 90

  validation {
    # S3 counts from each upload, and people upload for days before a job starts. Labelling may then take 31 days, and
    # training, which may have to wait in line, reads the images after it.
    condition     = var.image_retention_days >= 60 && floor(var.image_retention_days) == var.image_retention_days
    error_message = "image_retention_days is a whole number from 60, counted from the upload: labelling may take 31 days from a job's start, and training reads the images after it."
  }
}

variable "upload_origins" {
  type        = list(string)
  description = "Web origins whose pages may PUT images to upload URLs, such as https://console.example.com; none for servers and the command line alone."
  default     = []

  validation {
    condition     = alltrue([for origin in var.upload_origins : can(regex("^(\\*|https?://[^/*]+)$", origin))])
    error_message = "upload_origins are origins without a path, such as https://console.example.com, or *."
  }
}

variable "access_log_bucket" {
  type        = string
  description = "Bucket that takes the access logs of the image bucket; null for none."
  default     = null
}

variable "deletion_protection" {
  type        = bool
  description = "Whether tables, user pool and a bucket with objects refuse to be destroyed."
  default     = true
}

variable "operator_role_arns" {
  type        = list(string)
  description = "Roles of people who may use the key, to read images, reports or messages of dead-letter queues. Their own policies must allow it too."
  default     = []

  validation {
    condition     = alltrue([for arn in var.operator_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "operator_role_arns are ARNs of IAM roles."
  }
}

# ---- functions

variable "packages_folder" {
  type        = string
  description = "Folder of the functions' zips, from this folder; `make package` builds them."
  default     = "../build/packages/aws"
}

variable "architecture" {
  type        = string
  description = "Processor that the zips were built for."
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "function_environment" {
  type        = map(string)
  description = "Variables of every function, besides those of its service.yaml; they win. An emulator's endpoints, for example."
  default     = {}
}

variable "watch_interval_minutes" {
  type        = number
  description = "How often the services look at what they wait for; what an event does not tell is noticed that late at most."
  default     = 1

  validation {
    condition     = var.watch_interval_minutes >= 1 && var.watch_interval_minutes <= 15 && floor(var.watch_interval_minutes) == var.watch_interval_minutes
    error_message = "watch_interval_minutes is a whole number from 1 to 15."
  }
}

variable "clock" {
  type        = string
  description = "What calls the watchers: EventBridge Scheduler, or scheduled rules for an emulator whose Scheduler never fires."
  default     = "scheduler"

  validation {
    condition     = contains(["scheduler", "rules"], var.clock)
    error_message = "clock is scheduler or rules."
  }
}

variable "log_level" {
  type        = string
  description = "Least severity that the functions log."
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], var.log_level)
    error_message = "log_level is DEBUG, INFO, WARNING, ERROR or CRITICAL."
  }
}

variable "log_retention_days" {
  type        = number
  description = "How long logs are kept."
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is one of the periods that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

# ---- labelling

variable "workteam_arn" {
  type        = string
  description = "Work team of Ground Truth that draws the boxes: a private or a vendor's; null for the one that make_workteam has made, or for none."
  default     = null

  validation {
    condition     = var.workteam_arn == null || can(regex("^arn:aws[a-z-]*:sagemaker:${var.region}:[0-9]{12}:workteam/", var.workteam_arn))
    error_message = "workteam_arn is the ARN of a SageMaker work team in the same region."
  }

  validation {
    condition     = var.workteam_arn == null || !strcontains(coalesce(var.workteam_arn, "-"), "workteam/public-crowd/")
    error_message = "workteam_arn must not be the public work team: identity documents are personal data."
  }
}

variable "make_workteam" {
  type        = bool
  description = "Whether to make a private work team, which needs that Ground Truth is open to the account and that it has no private workforce in the region yet. Null for yes if labelling_backend is ground-truth and there is no workteam_arn."
  default     = null

  validation {
    condition     = var.workteam_arn == null || !coalesce(var.make_workteam, false)
    error_message = "Either workteam_arn names a work team, or make_workteam has one made."
  }

  validation {
    condition     = coalesce(var.make_workteam, true) || var.workteam_arn != null || var.labelling_backend != "ground-truth"
    error_message = "Without a work team no job can be labelled in Ground Truth: give a workteam_arn, or set labelling_backend to console or import."
  }
}

variable "labels" {
  type        = list(string)
  description = "Document types of a training job that names none."
  default     = ["passport", "id-card", "driving-licence"]

  validation {
    # More than one place of Ground Truth's documentation says 10; a comma separates them in the environment.
    condition     = length(var.labels) >= 1 && length(var.labels) <= 10 && length(distinct(var.labels)) == length(var.labels) && alltrue([for label in var.labels : can(regex("^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?$", label))])
    error_message = "labels are 1 to 10 different names of up to 64 letters, digits, spaces, dots, underscores and hyphens."
  }
}

variable "labelling_backend" {
  type        = string
  description = "Where the boxes of a training job come from that does not say: ground-truth (people in Ground Truth, closed to new customers), console (people on our own page) or import (boxes that exist already)."
  default     = "ground-truth"

  validation {
    condition     = contains(["ground-truth", "console", "import"], var.labelling_backend)
    error_message = "labelling_backend is ground-truth, console or import."
  }
}

# ---- the HTTP API

variable "auth" {
  type        = string
  description = "Who may call the API: holders of the user pool's tokens (cognito), IAM principals (iam), or anybody (none)."
  default     = "cognito"

  validation {
    condition     = contains(["cognito", "iam", "none"], var.auth)
    error_message = "auth is cognito, iam or none."
  }

  validation {
    condition     = var.auth != "none" || var.allow_unauthenticated
    error_message = "auth = \"none\" lets anybody on the internet train models at your expense; set allow_unauthenticated = true as well if that is what you want."
  }
}

variable "allow_unauthenticated" {
  type        = bool
  description = "Says that auth = \"none\" is meant."
  default     = false
}

variable "api_throttle" {
  type        = object({ rate = number, burst = number })
  description = "Requests a second that the API takes for long, and at once."
  default     = { rate = 50, burst = 100 }

  validation {
    condition     = var.api_throttle.rate > 0 && var.api_throttle.burst >= 1
    error_message = "api_throttle.rate is above 0 and api_throttle.burst at least 1."
  }
}

variable "api_domain" {
  type        = object({ name = string, certificate_arn = string, zone_id = optional(string) })
  description = "Domain name of one's own for the API, its certificate in the same region, and the Route 53 zone to put it in; null for none."
  default     = null
}

variable "waf_requests_per_5_minutes" {
  type        = number
  description = "Puts a web ACL before the API: AWS's managed rules, and this many requests from one address. Null for none; it costs some $9 a month."
  default     = null

  validation {
    condition     = var.waf_requests_per_5_minutes == null || try(var.waf_requests_per_5_minutes >= 10 && var.waf_requests_per_5_minutes <= 2000000000, false)
    error_message = "waf_requests_per_5_minutes is null or from 10 to 2,000,000,000."
  }
}

variable "api_gateway_log_role" {
  type        = bool
  description = "Whether to give API Gateway the role with which it writes logs. It is one setting for the account and region: false where somebody else has made it, as for a second copy."
  default     = true
}

# ---- the page

variable "console" {
  type        = bool
  description = "Whether to serve the page, where people upload, label, watch and look; `make console` builds it."
  default     = false

  validation {
    condition     = !var.console || var.auth != "iam"
    error_message = "A page cannot sign requests as an IAM principal: with console = true, auth is cognito (or none)."
  }
}

variable "console_folder" {
  type        = string
  description = "Folder of the built page, from this folder; `make console` builds it."
  default     = "../console/dist"

  validation {
    condition     = !var.console || fileexists("${path.module}/${var.console_folder}/index.html")
    error_message = "There is no page in console_folder: run `make console` first, or set console = false."
  }
}

variable "console_domain" {
  type        = object({ name = string, certificate_arn = string, zone_id = optional(string) })
  description = "Domain name of one's own for the page, its certificate in us-east-1, and the Route 53 zone to put it in; null for CloudFront's name."
  default     = null

  validation {
    condition     = var.console_domain == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:", var.console_domain.certificate_arn))
    error_message = "console_domain's certificate is in us-east-1, wherever the rest is: CloudFront takes no other."
  }
}

variable "console_price_class" {
  type        = string
  description = "Where in the world CloudFront answers: PriceClass_100 (North America and Europe), PriceClass_200 (Asia and more too) or PriceClass_All."
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.console_price_class)
    error_message = "console_price_class is PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "console_web_acl_arn" {
  type        = string
  description = "Web ACL of the scope CLOUDFRONT to put before the page and the API behind it; null for none."
  default     = null

  validation {
    condition     = var.console_web_acl_arn == null || can(regex("^arn:aws[a-z-]*:wafv2:us-east-1:[0-9]{12}:global/webacl/", var.console_web_acl_arn))
    error_message = "console_web_acl_arn is the ARN of a web ACL of the scope CLOUDFRONT, which is in us-east-1."
  }
}

# ---- seeing it

variable "alarm_email" {
  type        = string
  description = "Address that alarms and the budget write to, after it has confirmed; null for none."
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@[:space:]]+@[^@[:space:]]+$", var.alarm_email))
    error_message = "alarm_email is an email address."
  }
}

variable "model_running_alarm_hours" {
  type        = number
  description = "A model that has run this long raises an alarm ($4 an hour and unit); null for models that are meant to run for good."
  default     = 12

  validation {
    condition     = var.model_running_alarm_hours == null || try(var.model_running_alarm_hours > 0, false)
    error_message = "model_running_alarm_hours is null or above 0."
  }
}

variable "monthly_budget_usd" {
  type        = number
  description = "AWS Budget for Rekognition and SageMaker of the whole account; it writes to alarm_email at 80 and 100 per cent. Null for none."
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null || try(var.monthly_budget_usd > 0, false)
    error_message = "monthly_budget_usd is null or above 0."
  }

  validation {
    condition     = var.monthly_budget_usd == null || var.alarm_email != null
    error_message = "A budget needs alarm_email, the address that it writes to."
  }
}

# ---- not for AWS

variable "emulator" {
  type        = bool
  description = "Whether AWS_ENDPOINT_URL names an emulator rather than AWS."
  default     = false
}
