# The page's own bucket: CloudFront alone reads it. What is in it is the same for everybody and holds no secret.
resource "aws_s3_bucket" "page" {
  #checkov:skip=CKV2_AWS_61: it holds one build of the page and nothing that grows old
  #checkov:skip=CKV2_AWS_62: nobody waits for the files of a page
  #checkov:skip=CKV_AWS_144: another region would get the page from its own terraform apply
  #checkov:skip=CKV_AWS_145: the page is handed to everybody who asks; a key of one's own would guard nothing
  bucket        = "${var.name_prefix}-console-${var.arn.account}-${var.arn.region}"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "page" {
  bucket                  = aws_s3_bucket.page.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "page" {
  bucket = aws_s3_bucket.page.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "page" {
  bucket = aws_s3_bucket.page.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "page" {
  bucket = aws_s3_bucket.page.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "page" {
  bucket = aws_s3_bucket.page.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "CloudFront"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.page.arn}/*"
        Condition = { StringEquals = { "aws:SourceArn" = aws_cloudfront_distribution.page.arn } }
      }],
      var.encrypted_transport_only ? [{
        Sid       = "EncryptedTransportOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.page.arn, "${aws_s3_bucket.page.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }] : [],
    )
  })

  # S3 takes a policy only from somebody to whom the block already applies or no longer does.
  depends_on = [aws_s3_bucket_public_access_block.page]
}

resource "aws_s3_bucket_logging" "page" {
  count = var.access_log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.page.id
  target_bucket = var.access_log_bucket
  target_prefix = "${aws_s3_bucket.page.bucket}/"
}

# ---- what is in it

resource "aws_s3_object" "asset" {
  for_each = { for file in local.files : file => local.content_types[file] if startswith(file, local.page.immutable) }

  bucket        = aws_s3_bucket.page.id
  key           = each.key
  source        = "${var.files_folder}/${each.key}"
  source_hash   = filemd5("${var.files_folder}/${each.key}")
  content_type  = each.value
  cache_control = local.page.cache_control.immutable
}

# What names the assets comes after them: nobody is to get a page whose scripts are not there yet.
resource "aws_s3_object" "entry" {
  for_each = { for file in local.files : file => local.content_types[file] if !startswith(file, local.page.immutable) && file != "config.json" }

  bucket        = aws_s3_bucket.page.id
  key           = each.key
  source        = "${var.files_folder}/${each.key}"
  source_hash   = filemd5("${var.files_folder}/${each.key}")
  content_type  = each.value
  cache_control = local.page.cache_control.other

  depends_on = [aws_s3_object.asset]
}

resource "aws_s3_object" "config" {
  bucket        = aws_s3_bucket.page.id
  key           = "config.json"
  content_type  = local.page.content_types[".json"]
  cache_control = local.page.cache_control.other
  content = jsonencode({
    auth   = var.auth
    region = var.arn.region
    signIn = var.sign_in == null ? null : {
      url      = local.sign_in_origin
      clientId = aws_cognito_user_pool_client.page[0].id
      scopes   = sort(aws_cognito_user_pool_client.page[0].allowed_oauth_scopes)
    }
    modelRunningAlarmHours = var.model_running_alarm_hours
    # Without a sign-in people say themselves who labels.
    workersHeader = var.auth == "none"
  })
}
