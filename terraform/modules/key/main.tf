locals {
  account_root = "arn:${var.partition}:iam::${var.account}:root"

  users = concat(["arn:${var.partition}:iam::${var.account}:role/${var.name_prefix}-*"], var.operator_role_arns)

  policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = local.account_root }
        # All but what reads or writes data: whoever administers keys need not see identity documents.
        Action = [
          "kms:CancelKeyDeletion", "kms:DescribeKey", "kms:DisableKey*", "kms:EnableKey*", "kms:Get*", "kms:List*",
          "kms:PutKeyPolicy", "kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias", "kms:RevokeGrant",
          "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
          "kms:UpdateKeyDescription",
        ]
        Resource = "*"
      },
      {
        # Delegates to IAM, so a role needs both: its name here and a statement of its own.
        Sid       = "Pipeline"
        Effect    = "Allow"
        Principal = { AWS = local.account_root }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant"]
        Resource  = "*"
        Condition = { ArnLike = { "aws:PrincipalArn" = local.users } }
      },
      {
        # Whoever makes a table or reads it lets DynamoDB use the key for it [encryption.usagenotes].
        Sid       = "Tables"
        Effect    = "Allow"
        Principal = { AWS = local.account_root }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant"]
        Resource  = "*"
        Condition = { StringEquals = {
          "kms:CallerAccount" = var.account
          "kms:ViaService"    = "dynamodb.${var.region}.amazonaws.com"
        } }
      },
      {
        # They write to encrypted queues in their own name, so the caller's rights do not help them
        # [sqs-key-management, eb-troubleshooting]. What bounds them is what they may encrypt: not each of them
        # tells KMS on whose behalf it comes.
        Sid       = "Messages"
        Effect    = "Allow"
        Principal = { Service = ["sns.amazonaws.com", "sqs.amazonaws.com", "events.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { ArnLike = {
          "kms:EncryptionContext:aws:sqs:arn" = "arn:${var.partition}:sqs:${var.region}:${var.account}:${var.name_prefix}-*"
        } }
      },
      {
        # To the encrypted topic of the alarms [sns-key-management].
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = [
          for group in [
            "/aws/lambda/${var.name_prefix}-*", "/aws/apigateway/${var.name_prefix}",
            "API-Gateway-Execution-Logs_*", "aws-waf-logs-${var.name_prefix}",
          ] :
          "arn:${var.partition}:logs:${var.region}:${var.account}:log-group:${group}"
        ] } }
      },
    ]
  }
}

resource "aws_kms_key" "data" {
  description             = "Everything the ${var.name_prefix} training pipeline stores"
  policy                  = jsonencode(local.policy)
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "data" {
  name          = "alias/${var.name_prefix}"
  target_key_id = aws_kms_key.data.key_id
}
