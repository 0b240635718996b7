resource "aws_sqs_queue" "dead_letters" {
  count = local.has_queue ? 1 : 0

  name                      = "${local.name}-dlq"
  message_retention_seconds = local.fourteen_days
  kms_master_key_id         = var.key_arn
}

resource "aws_sqs_queue" "events" {
  count = local.has_queue ? 1 : 0

  name                       = local.name
  visibility_timeout_seconds = local.visibility_seconds
  message_retention_seconds  = local.four_days
  kms_master_key_id          = var.key_arn
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[0].arn
    maxReceiveCount     = local.max_receives
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  count = local.has_queue ? 1 : 0

  queue_url = aws_sqs_queue.dead_letters[0].url
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.events[0].arn]
  })
}

resource "aws_sqs_queue_policy" "events" {
  count = local.has_queue ? 1 : 0

  queue_url = aws_sqs_queue.events[0].url
  policy    = jsonencode(local.queue_policies[local.queue_arn])
}

resource "aws_sqs_queue_policy" "dead_letters" {
  count = local.has_queue ? 1 : 0

  queue_url = aws_sqs_queue.dead_letters[0].url
  policy    = jsonencode(local.queue_policies[local.dead_letter_arn])
}

resource "aws_sns_topic_subscription" "events" {
  count = length(var.service.consumes) > 0 ? 1 : 0

  topic_arn            = var.topic_arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.events[0].arn
  raw_message_delivery = true
  filter_policy_scope  = "MessageAttributes"
  filter_policy        = jsonencode({ type = var.service.consumes })
  # What the queue refuses, SNS does not try again; it would be lost [sns-dead-letter-queues].
  redrive_policy = jsonencode({ deadLetterTargetArn = local.dead_letter_arn })

  # A message that came before either queue lets it in would be lost all the same.
  depends_on = [aws_sqs_queue_policy.events, aws_sqs_queue_policy.dead_letters]
}

resource "aws_cloudwatch_event_rule" "events" {
  for_each = var.service.eventbridge

  name          = "${local.name}-${each.key}"
  description   = "To the queue of ${var.service.name}"
  event_pattern = each.value
}

resource "aws_cloudwatch_event_target" "queue" {
  for_each = var.service.eventbridge

  rule      = aws_cloudwatch_event_rule.events[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.events[0].arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters[0].arn
  }

  depends_on = [aws_sqs_queue_policy.events, aws_sqs_queue_policy.dead_letters]
}
