output "id" {
  description = "Id of the REST API."
  value       = aws_api_gateway_rest_api.api.id
}

output "stage" {
  description = "Name of its stage."
  value       = aws_api_gateway_stage.live.stage_name
}

output "url" {
  description = "What the paths are appended to."
  value       = var.domain == null ? aws_api_gateway_stage.live.invoke_url : "https://${var.domain.name}"
}
