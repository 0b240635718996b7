resource "aws_s3_bucket" "images" {
  #checkov:skip=CKV2_AWS_62: what arrives is looked at when the job starts, not upload by upload
  #checkov:skip=CKV_AWS_144: images are personal data and stay in their region
  bucket        = var.name
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "images" {
  bucket                  = aws_s3_bucket.images.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "images" {
  bucket = aws_s3_bucket.images.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "images" {
  bucket = aws_s3_bucket.images.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "images" {
  bucket = aws_s3_bucket.images.id

  rule {
    # One data key per bucket and while, not one per image: calls to KMS are paid for.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "images" {
  count = var.encrypted_transport_only ? 1 : 0

  bucket = aws_s3_bucket.images.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EncryptedTransportOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.images.arn, "${aws_s3_bucket.images.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 takes a policy only from somebody to whom the block already applies or no longer does.
  depends_on = [aws_s3_bucket_public_access_block.images]
}

resource "aws_s3_bucket_cors_configuration" "images" {
  bucket = aws_s3_bucket.images.id

  # Without this one the pages of a labelling job show no images, and every task fails [sms-cors-update].
  cors_rule {
    allowed_origins = ["*"]
    allowed_methods = ["GET"]
    expose_headers  = ["Access-Control-Allow-Origin"]
  }

  # A browser uploads to the URLs of the API.
  dynamic "cors_rule" {
    for_each = length(var.upload_origins) > 0 ? [var.upload_origins] : []

    content {
      allowed_origins = cors_rule.value
      allowed_methods = ["PUT"]
      allowed_headers = ["*"]
      expose_headers  = ["ETag"]
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "images" {
  bucket = aws_s3_bucket.images.id

  # Datasets and models hold no pictures and stay: they say what a running model was made from.
  dynamic "rule" {
    for_each = toset(["images/", "imports/", "labelling/"])

    content {
      id     = "expire-${trimsuffix(rule.value, "/")}"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      expiration {
        days = var.image_retention_days
      }

      # What is expired or overwritten is only hidden by versioning; it is gone after this.
      noncurrent_version_expiration {
        noncurrent_days = 7
      }
    }
  }

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {
      prefix = ""
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.images]
}

resource "aws_s3_bucket_logging" "images" {
  count = var.access_log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.images.id
  target_bucket = var.access_log_bucket
  target_prefix = "${var.name}/"
}
