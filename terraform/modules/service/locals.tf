locals {
  name = "${var.name_prefix}-${var.service.name}"
  at   = "${var.arn.region}:${var.arn.account}"

  queue_function = one([for name, function in var.service.functions : name if function.on == "queue"])
  has_queue      = local.queue_function != null
  # Names, not the resources' attributes, so that the first plan already shows the policies in full.
  queue_arn       = "arn:${var.arn.partition}:sqs:${local.at}:${local.name}"
  dead_letter_arn = "${local.queue_arn}-dlq"
  rule_arns       = { for name in keys(var.service.eventbridge) : name => "arn:${var.arn.partition}:events:${local.at}:rule/${local.name}-${name}" }

  table_name = var.service.table != null ? local.name : var.service.table_of != null ? "${var.name_prefix}-${var.service.table_of}" : null

  # The own one as "table", further ones by their names.
  tables = merge(
    { for name, table in { table = var.service.table } : name => merge(table, { name = local.name }) if table != null },
    { for name, table in var.service.tables : name => merge(table, { name = "${local.name}-${name}" }) },
  )

  max_receives = 5
  four_days    = 4 * 24 * 3600
  # A dead message keeps the time it was first sent, so its queue must keep it longer than the first queue did.
  fourteen_days = 14 * 24 * 3600
  # AWS's advice is six timeouts, for batches that are throttled [services-sqs-configure]. Of a function that may take
  # fifteen minutes that would be an hour and a half, for which a message that failed in its first second is hidden.
  timeout            = local.has_queue ? var.service.functions[local.queue_function].timeout : 0
  visibility_seconds = max(local.timeout + 60, min(6 * local.timeout, 900))

  environment = merge(
    var.environment,
    {
      POWERTOOLS_SERVICE_NAME = var.service.name
    },
    local.table_name == null ? {} : { TABLE_NAME = local.table_name },
    { for name in keys(var.service.tables) : "${upper(name)}_TABLE_NAME" => local.tables[name].name },
    var.service.environment,
    var.overrides,
  )
}
