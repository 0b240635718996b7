output "url" {
  description = "Address of the page."
  value       = local.origin
}

output "client_id" {
  description = "Client of the user pool that the page signs in as; null when nobody signs in."
  value       = one(aws_cognito_user_pool_client.page[*].id)
}
