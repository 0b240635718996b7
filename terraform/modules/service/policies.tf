locals {
  # Who may send: the topic and each rule, to the queue and, where they cannot, to the dead-letter queue.
  senders = concat(
    length(var.service.consumes) > 0 ? [{ service = "sns.amazonaws.com", source = var.topic_arn }] : [],
    [for arn in values(local.rule_arns) : { service = "events.amazonaws.com", source = arn }],
  )

  queue_policies = {
    for queue_arn in [local.queue_arn, local.dead_letter_arn] : queue_arn => {
      Version = "2012-10-17"
      Statement = [for sender in local.senders : {
        Effect    = "Allow"
        Principal = { Service = sender.service }
        Action    = "sqs:SendMessage"
        Resource  = queue_arn
        Condition = { ArnEquals = { "aws:SourceArn" = sender.source } }
      }]
    }
  }

  trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["lambda.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  }

  # What the service.yaml allows, and what every function needs to be called and watched.
  statements = [for statement in var.service.allow : merge(
    { Effect = "Allow", Action = statement.actions, Resource = statement.on },
    length(statement.when) > 0 ? { Condition = statement.when } : {},
  )]

  policies = { for name, function in var.service.functions : name => jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "Logs"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["arn:${var.arn.partition}:logs:${local.at}:log-group:/aws/lambda/${local.name}-${name}:*"]
        },
        {
          Sid    = "Traces"
          Effect = "Allow"
          # X-Ray takes no resource (service authorization reference).
          Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
          Resource = ["*"]
        },
      ],
      function.on == "queue" ? [{
        Sid      = "Queue"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
        Resource = [local.queue_arn]
      }] : [],
      local.statements,
    )
  }) }
}
