resource "aws_cloudfront_origin_access_control" "page" {
  name                              = "${var.name_prefix}-console"
  description                       = "With which CloudFront reads the files of the page"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "guard" {
  #checkov:skip=CKV_AWS_259: page.json has two years and subdomains, where the check does not see it; preloading is for the domain's owner to ask for
  for_each = local.page.headers

  name    = "${var.name_prefix}-console-${each.key}"
  comment = "What goes with each answer of the ${each.key}"

  security_headers_config {
    content_security_policy {
      content_security_policy = each.value["Content-Security-Policy"]
      override                = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = each.value["X-Frame-Options"]
      override     = true
    }

    referrer_policy {
      referrer_policy = each.value["Referrer-Policy"]
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = tonumber(regex("max-age=([0-9]+)", each.value["Strict-Transport-Security"])[0])
      include_subdomains         = strcontains(each.value["Strict-Transport-Security"], "includeSubDomains")
      override                   = true
    }
  }

  custom_headers_config {
    dynamic "items" {
      for_each = { for name, value in each.value : name => value if !contains(local.security_headers, name) }

      content {
        header   = items.key
        value    = items.value
        override = true
      }
    }
  }
}

resource "aws_cloudfront_distribution" "page" {
  #checkov:skip=CKV2_AWS_32: each behaviour has its policy of the two in guard, where the check does not see it
  #checkov:skip=CKV_AWS_86: the API's own access log says who did what; everybody gets the same files
  #checkov:skip=CKV_AWS_174: CloudFront's own domain name has no choice of TLS versions; with a domain of one's own it is TLSv1.2_2021
  #checkov:skip=CKV_AWS_310: there is one bucket and one API, and nothing else to fall back on
  #checkov:skip=CKV_AWS_374: where people may work from is the operator's to say, with a web ACL
  #checkov:skip=CKV2_AWS_42: a domain of one's own is an option, and so is its certificate
  #checkov:skip=CKV2_AWS_47: a web ACL of the scope CLOUDFRONT is an option, console_web_acl_arn, for it lives in us-east-1
  #checkov:skip=CKV_AWS_68: a web ACL of the scope CLOUDFRONT is an option, console_web_acl_arn, for it lives in us-east-1
  comment             = "Page and API of ${var.name_prefix}"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = var.price_class
  default_root_object = "index.html"
  aliases             = var.domain == null ? [] : [var.domain.name]
  web_acl_id          = var.web_acl_arn

  origin {
    origin_id                = "page"
    domain_name              = aws_s3_bucket.page.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.page.id
  }

  origin {
    origin_id   = "api"
    domain_name = "${var.api.id}.execute-api.${var.arn.region}.${local.suffix}"
    origin_path = "/${var.api.stage}"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      # API Gateway gives a function 29 seconds.
      origin_read_timeout      = 30
      origin_keepalive_timeout = 5
    }
  }

  default_cache_behavior {
    target_origin_id           = "page"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = local.managed.caching_optimized
    response_headers_policy_id = aws_cloudfront_response_headers_policy.guard["page"].id
  }

  dynamic "ordered_cache_behavior" {
    for_each = ["/api/*", "/openapi.json"]

    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = "api"
      viewer_protocol_policy     = "https-only"
      allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      cache_policy_id            = local.managed.caching_disabled
      origin_request_policy_id   = local.managed.all_viewer_except_host
      response_headers_policy_id = aws_cloudfront_response_headers_policy.guard["api"].id
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domain == null
    acm_certificate_arn            = try(var.domain.certificate_arn, null)
    ssl_support_method             = var.domain == null ? null : "sni-only"
    minimum_protocol_version       = var.domain == null ? null : "TLSv1.2_2021"
  }
}

resource "aws_route53_record" "page" {
  for_each = try(var.domain.zone_id, null) == null ? toset([]) : toset(["A", "AAAA"])

  zone_id = var.domain.zone_id
  name    = var.domain.name
  type    = each.value

  alias {
    name                   = aws_cloudfront_distribution.page.domain_name
    zone_id                = aws_cloudfront_distribution.page.hosted_zone_id
    evaluate_target_health = false
  }
}

# People at the page: no secret, so the code flow with PKCE; back to the page's own address and to no other.
resource "aws_cognito_user_pool_client" "page" {
  count = var.sign_in == null ? 0 : 1

  name                                 = "${var.name_prefix}-console"
  user_pool_id                         = var.sign_in.user_pool_id
  supported_identity_providers         = ["COGNITO"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = concat(["openid", "email"], var.sign_in.scopes)
  callback_urls                        = ["${local.origin}/"]
  logout_urls                          = ["${local.origin}/"]
  explicit_auth_flows                  = ["ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors        = "ENABLED"
  enable_token_revocation              = true
  access_token_validity                = 1
  id_token_validity                    = 1
  refresh_token_validity               = 12

  token_validity_units {
    access_token  = "hours"
    id_token      = "hours"
    refresh_token = "hours"
  }
}
