output "functions" {
  description = "Name, ARN and invoke ARN of each function."
  value = { for name, function in aws_lambda_function.function : name => {
    name       = function.function_name
    arn        = function.arn
    invoke_arn = function.invoke_arn
  } }
}

output "queue" {
  description = "Names of the queue and of its dead-letter queue, and how long a message that is worked with stays hidden; null for a service that consumes nothing."
  value = local.has_queue ? {
    name               = aws_sqs_queue.events[0].name
    dead_letters       = aws_sqs_queue.dead_letters[0].name
    visibility_seconds = aws_sqs_queue.events[0].visibility_timeout_seconds
  } : null
}

output "log_groups" {
  description = "Log group of each function."
  value       = { for name, group in aws_cloudwatch_log_group.function : name => group.name }
}
