locals {
  suffix = { aws = "amazonaws.com", aws-us-gov = "amazonaws.com", aws-cn = "amazonaws.com.cn" }[var.arn.partition]

  # ---- the files

  files         = fileset(var.files_folder, "**")
  content_types = { for file in local.files : file => lookup(local.page.content_types, try(regex("\\.[a-z0-9]+$", file), ""), "application/octet-stream") }

  # ---- what goes with them; the local twin of this distribution reads the same statement

  page = jsondecode(templatefile("${path.module}/page.json", {
    images   = join(" ", local.image_origins)
    connects = join(" ", concat(local.image_origins, local.sign_in_origin == null ? [] : [local.sign_in_origin]))
  }))

  # Pre-signed URLs lead to the bucket's regional name, but in us-east-1 to the one without a region.
  image_origins = [for host in distinct(concat(
    ["s3.${var.arn.region}"], var.arn.region == "us-east-1" ? ["s3"] : [],
  )) : "https://${var.image_bucket}.${host}.${local.suffix}"]
  sign_in_origin = var.sign_in == null ? null : "https://${var.sign_in.domain}.auth.${var.arn.region}.amazoncognito.com"

  # ---- policies that AWS keeps for everybody [using-managed-cache-policies, using-managed-origin-request-policies]

  managed = {
    caching_optimized      = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    caching_disabled       = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    all_viewer_except_host = "b689b0a8-53d0-40ab-baf2-68738e2966ac" # Authorization among the rest
  }

  # ---- where it answers

  origin = "https://${var.domain == null ? aws_cloudfront_distribution.page.domain_name : var.domain.name}"

  security_headers = toset(["Content-Security-Policy", "Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"])
}
