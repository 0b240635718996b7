output "expression" {
  description = "How often the functions are called, in the words of EventBridge."
  value       = local.expression
}
