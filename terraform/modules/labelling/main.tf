locals {
  bucket_arn = "arn:${var.arn.partition}:s3:::${var.bucket}"

  # [sms-security-permission-execution-role, sms-security-kms-permissions]
  policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = ["${local.bucket_arn}/images/*", "${local.bucket_arn}/labelling/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
        Resource = [local.bucket_arn]
      },
      {
        Effect   = "Allow"
        Action   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource = [var.key_arn]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = ["arn:${var.arn.partition}:logs:${var.arn.region}:${var.arn.account}:log-group:/aws/sagemaker/*"]
      },
      {
        Effect = "Allow"
        # Takes no resource; the namespace bounds it (service authorization reference).
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"]
        Condition = { StringLike = { "cloudwatch:namespace" = ["/aws/sagemaker/*", "AWS/SageMaker*"] } }
      },
    ]
  }
}

resource "aws_iam_role" "ground_truth" {
  name        = "${var.name_prefix}-ground-truth"
  description = "With which Ground Truth reads images and writes labels"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["sagemaker.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "ground_truth" {
  name   = "allowed"
  role   = aws_iam_role.ground_truth.name
  policy = jsonencode(local.policy)
}

# The labelling portal signs people in with a secret of its own and writes its own address into its client.
resource "aws_cognito_user_pool_client" "portal" {
  count = var.private_team == null ? 0 : 1

  name                                 = "${var.name_prefix}-labelling"
  user_pool_id                         = var.private_team.user_pool_id
  generate_secret                      = true
  supported_identity_providers         = ["COGNITO"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code", "implicit"]
  allowed_oauth_scopes                 = ["email", "openid", "profile"]
  callback_urls                        = ["https://labeling.invalid/oauth2/idpresponse"]
  logout_urls                          = ["https://labeling.invalid/logout"]
  explicit_auth_flows                  = ["ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors        = "ENABLED"

  lifecycle {
    ignore_changes = [callback_urls, logout_urls, allowed_oauth_flows, allowed_oauth_scopes]
  }
}

resource "aws_cognito_user_group" "labellers" {
  count = var.private_team == null ? 0 : 1

  name         = "${var.name_prefix}-labellers"
  description  = "People who draw boxes"
  user_pool_id = var.private_team.user_pool_id
}

resource "aws_sagemaker_workforce" "private" {
  count = var.private_team == null ? 0 : 1

  workforce_name = var.name_prefix

  cognito_config {
    client_id = aws_cognito_user_pool_client.portal[0].id
    user_pool = var.private_team.user_pool_id
  }
}

resource "aws_sagemaker_workteam" "labellers" {
  count = var.private_team == null ? 0 : 1

  workteam_name  = "${var.name_prefix}-workers"
  workforce_name = aws_sagemaker_workforce.private[0].id
  description    = "Draws boxes round identity documents"

  member_definition {
    cognito_member_definition {
      client_id  = aws_cognito_user_pool_client.portal[0].id
      user_pool  = var.private_team.user_pool_id
      user_group = aws_cognito_user_group.labellers[0].name
    }
  }
}
