output "api_url" {
  description = "What the paths of the HTTP API are appended to."
  value       = module.api.url
}

output "api_id" {
  description = "Id of the REST API, for emulators, whose address is another."
  value       = module.api.id
}

output "api_stage" {
  description = "Stage of the REST API."
  value       = module.api.stage
}

output "console_url" {
  description = "Address of the page; null without one."
  value       = one(module.console[*].url)
}

output "auth" {
  description = "Who may call the API: cognito, iam or none."
  value       = var.auth
}

output "sign_in" {
  description = "Where and as what to sign in when auth is cognito: pages, clients, scopes; null otherwise."
  value = var.auth != "cognito" ? null : {
    user_pool_id = module.sign_in[0].user_pool.id
    url          = "https://${module.sign_in[0].domain}.auth.${var.region}.amazoncognito.com"
    clients      = module.sign_in[0].clients
    scopes       = values(module.sign_in[0].scopes)
  }
}

output "leads_group" {
  description = "Group of the user pool whose members command jobs and models, and lead the labelling; null without a user pool."
  value       = one(module.sign_in[*].leads_group)
}

output "labelling" {
  description = "The work team of Ground Truth, if any; for a team made here the page where it labels and the group of the user pool to add its people to; and the user pool of all who sign in, if any."
  value = {
    workteam_arn = local.workteam_arn
    portal       = module.labelling.portal
    group        = module.labelling.group
    user_pool_id = one(module.sign_in[*].user_pool.id)
    note         = "Ground Truth is closed to accounts that did not use it before 30 July 2026. There the making of a work team fails, and a job for it fails at labelling with the code labelling-refused: set labelling_backend to console or import."
  }
}

output "account_id" {
  description = "Number of the account."
  value       = local.arn.account
}

output "region" {
  description = "Where it is deployed."
  value       = var.region
}

output "name_prefix" {
  description = "Begins every name."
  value       = var.name_prefix
}

output "bucket" {
  description = "Bucket of images, labels, datasets and evaluations."
  value       = module.bucket.name
}

output "topic_arn" {
  description = "Topic of the events, for others who want to hear them."
  value       = module.bus.topic_arn
}

output "alarm_topic_arn" {
  description = "Topic that the alarms write to."
  value       = module.observability.alarm_topic_arn
}

output "dashboard_url" {
  description = "The dashboard."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${module.observability.dashboard}"
}
