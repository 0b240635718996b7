# One service: its tables, its queue (queue.tf), and its functions, each with a role of its own (policies.tf).

resource "aws_dynamodb_table" "rows" {
  for_each = local.tables

  name                        = each.value.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.partition_key
  range_key                   = each.value.sort_key
  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = toset(compact(flatten([
      each.value.partition_key,
      each.value.sort_key,
      [for index in values(each.value.indexes) : [index.partition_key, index.sort_key]],
    ])))

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.partition_key
      range_key       = global_secondary_index.value.sort_key
      projection_type = global_secondary_index.value.projection
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl == null ? [] : [each.value.ttl]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.key_arn
  }
}

moved {
  from = aws_dynamodb_table.rows[0]
  to   = aws_dynamodb_table.rows["table"]
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = var.service.functions

  name              = "/aws/lambda/${local.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_iam_role" "function" {
  for_each = var.service.functions

  name               = "${local.name}-${each.key}"
  description        = "What the function of this name may do: services/${replace(var.service.name, "-", "_")}/service.yaml"
  assume_role_policy = jsonencode(local.trust)
}

resource "aws_iam_role_policy" "function" {
  for_each = var.service.functions

  name   = "allowed"
  role   = aws_iam_role.function[each.key].name
  policy = local.policies[each.key]
}

resource "aws_lambda_function" "function" {
  #checkov:skip=CKV_AWS_116: a queue has its dead-letter queue, the API answers its caller, and a lost tick is followed by the next
  #checkov:skip=CKV_AWS_117: they call AWS's public endpoints alone; a VPC would add endpoints for ten services and cold starts, and protect nothing
  #checkov:skip=CKV_AWS_115: the queues' mappings bound the concurrency; a reservation would take it from the account for good
  #checkov:skip=CKV_AWS_272: who may change the code is who may apply this; a signing profile is the account owner's to choose
  #checkov:skip=CKV_AWS_173: the variables hold names and addresses, no secret
  for_each = var.service.functions

  function_name    = "${local.name}-${each.key}"
  description      = var.service.description
  role             = aws_iam_role.function[each.key].arn
  handler          = each.value.handler
  runtime          = "python3.13"
  architectures    = [var.architecture]
  timeout          = each.value.timeout
  memory_size      = each.value.memory
  filename         = var.package
  source_code_hash = fileexists(var.package) ? filebase64sha256(var.package) : null

  environment {
    variables = local.environment
  }

  tracing_config {
    # A tick finds nothing to do nearly always, and each trace of that would be paid for.
    mode = each.value.every == null ? "Active" : "PassThrough"
  }

  lifecycle {
    precondition {
      condition     = fileexists(var.package)
      error_message = "${var.package} is not there; run `make package` first."
    }
  }

  # The first call may come at once, and must find its rights and its log group.
  depends_on = [aws_iam_role_policy.function, aws_cloudwatch_log_group.function]
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = { for name, function in var.service.functions : name => function if function.on == "queue" }

  event_source_arn        = aws_sqs_queue.events[0].arn
  function_name           = aws_lambda_function.function[each.key].arn
  batch_size              = each.value.batch_size
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = each.value.max_concurrency
  }
}
