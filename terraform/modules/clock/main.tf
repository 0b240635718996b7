locals {
  expression = var.every_minutes == 1 ? "rate(1 minute)" : "rate(${var.every_minutes} minutes)"
  schedules  = var.with == "scheduler" ? var.functions : {}
  rules      = var.with == "rules" ? var.functions : {}
}

resource "aws_iam_role" "scheduler" {
  name        = "${var.name_prefix}-scheduler"
  description = "With which EventBridge Scheduler calls the watchers"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["scheduler.amazonaws.com"] }
      Action    = "sts:AssumeRole"
      # Nobody else's schedule may borrow it [cross-service-confused-deputy-prevention].
      Condition = { StringEquals = { "aws:SourceAccount" = var.arn.account } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "allowed"
  role = aws_iam_role.scheduler.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = sort([for function in values(var.functions) : "arn:${var.arn.partition}:lambda:${var.arn.region}:${var.arn.account}:function:${function.name}"])
    }]
  })
}

# Whatever the clock, it leaves the call in Lambda's own queue, and Lambda would repeat an error twice and a refusal
# for six hours [invocation-async-error-handling]. The next tick comes soon enough; a late one is of no use.
resource "aws_lambda_function_event_invoke_config" "tick" {
  for_each = var.functions

  function_name                = each.value.name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}

resource "aws_scheduler_schedule" "tick" {
  #checkov:skip=CKV_AWS_297: a schedule holds the name of a function and no data
  for_each = local.schedules

  name                = each.value.name
  schedule_expression = local.expression

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = each.value.arn
    role_arn = aws_iam_role.scheduler.arn

    # As above, for the way to Lambda.
    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }
  }

  depends_on = [aws_iam_role_policy.scheduler]
}

resource "aws_cloudwatch_event_rule" "tick" {
  for_each = local.rules

  name                = each.value.name
  description         = "Calls the function of this name"
  schedule_expression = local.expression
}

resource "aws_cloudwatch_event_target" "tick" {
  for_each = local.rules

  rule      = aws_cloudwatch_event_rule.tick[each.key].name
  target_id = "function"
  arn       = each.value.arn
}

resource "aws_lambda_permission" "tick" {
  for_each = local.rules

  statement_id  = "clock"
  function_name = each.value.name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.tick[each.key].arn
}
