resource "aws_api_gateway_domain_name" "own" {
  count = var.domain == null ? 0 : 1

  domain_name              = var.domain.name
  regional_certificate_arn = var.domain.certificate_arn
  security_policy          = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_base_path_mapping" "own" {
  count = var.domain == null ? 0 : 1

  api_id      = aws_api_gateway_rest_api.api.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  domain_name = aws_api_gateway_domain_name.own[0].domain_name
}

resource "aws_route53_record" "own" {
  count = try(var.domain.zone_id, null) == null ? 0 : 1

  zone_id = var.domain.zone_id
  name    = var.domain.name
  type    = "A"

  alias {
    name                   = aws_api_gateway_domain_name.own[0].regional_domain_name
    zone_id                = aws_api_gateway_domain_name.own[0].regional_zone_id
    evaluate_target_health = false
  }
}
