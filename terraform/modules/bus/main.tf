# Who may publish is said by the publishers' roles; what a queue hears, by the services (modules/service).
resource "aws_sns_topic" "events" {
  name              = "${var.name_prefix}-events"
  kms_master_key_id = var.key_arn
}
