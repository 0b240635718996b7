output "role_arn" {
  description = "Role that Ground Truth takes on."
  value       = aws_iam_role.ground_truth.arn
}

output "portal" {
  description = "Host name of the page where the private team labels; null when no team was made."
  value       = one(aws_sagemaker_workteam.labellers[*].subdomain)
}

output "group" {
  description = "Group of the user pool that labels; null when no team was made."
  value       = one(aws_cognito_user_group.labellers[*].name)
}
