data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

module "key" {
  source = "./modules/key"

  name_prefix        = var.name_prefix
  partition          = local.arn.partition
  region             = local.arn.region
  account            = local.arn.account
  operator_role_arns = var.operator_role_arns
}

module "bucket" {
  source = "./modules/bucket"

  name                 = local.bucket
  key_arn              = module.key.arn
  image_retention_days = var.image_retention_days
  upload_origins       = concat(var.upload_origins, module.console[*].url)
  access_log_bucket    = var.access_log_bucket
  force_destroy        = !var.deletion_protection
  # Emulators speak plain HTTP.
  encrypted_transport_only = !var.emulator
}

module "bus" {
  source = "./modules/bus"

  name_prefix = var.name_prefix
  key_arn     = module.key.arn
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  service             = each.value
  name_prefix         = var.name_prefix
  arn                 = local.arn
  package             = "${path.module}/${var.packages_folder}/${each.key}.zip"
  architecture        = var.architecture
  topic_arn           = module.bus.topic_arn
  key_arn             = module.key.arn
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection
  overrides           = var.function_environment
  environment = {
    NAME_PREFIX = var.name_prefix
    BUCKET      = module.bucket.name
    TOPIC_ARN   = local.topic_arn
    # A little less than the clock's step: a look that is due just after a tick would wait for the next one.
    CHECK_EVERY_SECONDS          = tostring(60 * var.watch_interval_minutes - 5)
    LOG_LEVEL                    = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = var.name_prefix
  }
}

module "clock" {
  source = "./modules/clock"

  name_prefix   = var.name_prefix
  arn           = local.arn
  functions     = { for id in keys(local.ticking) : id => { name = local.functions[id].name, arn = local.functions[id].arn } }
  every_minutes = var.watch_interval_minutes
  with          = var.clock
}

module "sign_in" {
  source = "./modules/sign_in"
  count  = local.has_sign_in ? 1 : 0

  name_prefix         = var.name_prefix
  account             = local.arn.account
  deletion_protection = var.deletion_protection
}

module "labelling" {
  source = "./modules/labelling"

  name_prefix  = var.name_prefix
  arn          = local.arn
  bucket       = local.bucket
  key_arn      = module.key.arn
  private_team = local.makes_workteam ? { user_pool_id = module.sign_in[0].user_pool.id } : null
}

module "api" {
  source = "./modules/api"

  name_prefix                = var.name_prefix
  arn                        = local.arn
  routes                     = local.routes
  openapi                    = file("${path.module}/../contracts/schemas/openapi.json")
  open_routes                = ["GET /api/health", "GET /openapi.json"]
  auth                       = var.auth
  user_pool_arn              = local.has_sign_in ? module.sign_in[0].user_pool.arn : null
  scopes                     = local.has_sign_in ? module.sign_in[0].scopes : null
  throttle                   = var.api_throttle
  domain                     = var.api_domain
  waf_requests_per_5_minutes = var.waf_requests_per_5_minutes
  log_role                   = var.api_gateway_log_role
  log_retention_days         = var.log_retention_days
  key_arn                    = module.key.arn
}

module "console" {
  source = "./modules/console"
  count  = var.console ? 1 : 0

  name_prefix  = var.name_prefix
  arn          = local.arn
  files_folder = "${path.module}/${var.console_folder}"
  api          = { id = module.api.id, stage = module.api.stage }
  image_bucket = local.bucket
  auth         = var.auth
  sign_in = var.auth != "cognito" ? null : {
    user_pool_id = module.sign_in[0].user_pool.id
    domain       = module.sign_in[0].domain
    scopes       = values(module.sign_in[0].scopes)
  }
  model_running_alarm_hours = var.model_running_alarm_hours
  domain                    = var.console_domain
  price_class               = var.console_price_class
  web_acl_arn               = var.console_web_acl_arn
  access_log_bucket         = var.access_log_bucket
  force_destroy             = true
  encrypted_transport_only  = !var.emulator
}

module "observability" {
  source = "./modules/observability"

  name_prefix               = var.name_prefix
  region                    = var.region
  account                   = local.arn.account
  key_arn                   = module.key.arn
  queues                    = { for name, service in module.service : name => service.queue if local.hears[name] }
  functions                 = { for id, function in local.functions : id => function.name }
  called_functions          = { for id, function in local.functions : id => function.name if !contains(keys(local.ticking), id) }
  watchers                  = toset([for id in keys(local.ticking) : split("/", id)[0]])
  watch_interval_minutes    = var.watch_interval_minutes
  api                       = { name = var.name_prefix, stage = module.api.stage }
  event_log_group           = module.service["job-api"].log_groups["events"]
  alarm_email               = var.alarm_email
  model_running_alarm_hours = var.model_running_alarm_hours
  monthly_budget_usd        = var.monthly_budget_usd
}
