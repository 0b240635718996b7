output "user_pool" {
  description = "Id and ARN of the user pool."
  value       = { id = aws_cognito_user_pool.people.id, arn = aws_cognito_user_pool.people.arn }

  # A work team cannot be made of a pool that has no pages to sign in at.
  depends_on = [aws_cognito_user_pool_domain.sign_in]
}

output "domain" {
  description = "Name of the sign-in pages within Cognito's domain of the region."
  value       = aws_cognito_user_pool_domain.sign_in.domain
}

output "clients" {
  description = "Client ids: of people, who sign in with a browser, and of programs, which have a secret."
  value       = { people = aws_cognito_user_pool_client.people.id, programs = aws_cognito_user_pool_client.programs.id }
}

output "scopes" {
  description = "What the API asks for: read to look, write to change."
  value       = { read = "${aws_cognito_resource_server.api.identifier}/read", write = "${aws_cognito_resource_server.api.identifier}/write" }
}

output "leads_group" {
  description = "Group of the people who command jobs and models, and lead the labelling."
  value       = aws_cognito_user_group.leads.name
}
