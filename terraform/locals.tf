# services/*/service.yaml says what stands; here its placeholders get their values. Names are put together rather than
# read from the resources, so that the first plan already shows every policy in full, but for the key's ARN.
locals {
  arn = {
    partition = data.aws_partition.current.partition
    region    = var.region
    account   = data.aws_caller_identity.current.account_id
  }
  at = "${local.arn.region}:${local.arn.account}"

  bucket             = "${var.name_prefix}-${local.arn.account}-${var.region}"
  topic_arn          = "arn:${local.arn.partition}:sns:${local.at}:${var.name_prefix}-events"
  labelling_role_arn = "arn:${local.arn.partition}:iam::${local.arn.account}:role/${var.name_prefix}-ground-truth"
  made_workteam_arn  = local.makes_workteam ? "arn:${local.arn.partition}:sagemaker:${local.at}:workteam/private-crowd/${var.name_prefix}-workers" : null
  workteam_arn       = try(coalesce(var.workteam_arn, local.made_workteam_arn), null)

  services_folder = "${path.module}/../services"
  specs = { for spec in [
    for file in fileset(local.services_folder, "*/service.yaml") : yamldecode(file("${local.services_folder}/${file}"))
  ] : spec.service => spec }

  placeholders = { for name, spec in local.specs : name => merge({
    partition         = local.arn.partition
    region            = local.arn.region
    account           = local.arn.account
    prefix            = var.name_prefix
    bucket            = local.bucket
    topic             = local.topic_arn
    table             = "arn:${local.arn.partition}:dynamodb:${local.at}:table/${var.name_prefix}-${try(spec.table_of, name)}"
    key               = module.key.arn
    labelling_role    = local.labelling_role_arn
    workteam          = local.workteam_arn == null ? "" : local.workteam_arn
    labels            = join(",", var.labels)
    labelling_backend = var.labelling_backend
  }, { for table in keys(try(spec.tables, {})) : "${table}_table" => "arn:${local.arn.partition}:dynamodb:${local.at}:table/${var.name_prefix}-${name}-${table}" }) }

  services = { for name, spec in local.specs : name => {
    name        = name
    description = spec.description
    consumes    = try(spec.consumes, [])
    eventbridge = { for rule, pattern in try(spec.eventbridge, {}) : rule => jsonencode(pattern) }
    table       = try(spec.table, null)
    table_of    = try(spec.table_of, null)
    tables      = try(spec.tables, {})
    # Without a work team its variable is left out. The template is compared, not the value, which may not be known yet.
    environment = { for variable, template in try(spec.environment, {}) :
      variable => templatestring(template, local.placeholders[name])
      if local.workteam_arn != null || template != "$${workteam}"
    }
    # Terraform reads YAML 1.1, to which a bare `on` is a boolean.
    functions = { for function, members in spec.functions : function => merge(
      { for member, value in members : member => value if member != "true" },
      { on = try(members["true"], members["on"], null) },
    ) }
    allow = [for statement in try(spec.allow, []) : {
      actions = statement.actions
      on      = [for resource in try(statement["true"], statement["on"]) : templatestring(resource, local.placeholders[name])]
      when = { for operator, tests in try(statement.when, {}) : operator => {
        for key, values in tests : key => [for value in values : templatestring(value, local.placeholders[name])]
      } }
    }]
  } }

  # Every function by "<service>/<function>".
  functions = merge([for name, service in module.service : { for function, made in service.functions : "${name}/${function}" => made }]...)
  triggers  = merge([for name, service in local.services : { for function, members in service.functions : "${name}/${function}" => members }]...)

  hears   = { for name, service in local.services : name => length(service.consumes) + length(service.eventbridge) > 0 }
  ticking = { for id, function in local.triggers : id => function if try(function.every, null) == "tick" }
  routes = merge([for id, function in local.triggers : {
    for route in try(function.routes, []) : route => { name = local.functions[id].name, invoke_arn = local.functions[id].invoke_arn }
  }]...)

  makes_workteam = coalesce(var.make_workteam, var.workteam_arn == null && var.labelling_backend == "ground-truth")
  has_sign_in    = var.auth == "cognito" || local.makes_workteam
}
