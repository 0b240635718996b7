output "alarm_topic_arn" {
  description = "Topic that the alarms write to."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.pipeline.dashboard_name
}
