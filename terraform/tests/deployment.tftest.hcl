# What is made with the defaults, and with each thing that can be chosen. Nothing is called: the provider is mocked.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mocked" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:123456789012:mocked", url = "https://sqs.eu-west-1.amazonaws.com/123456789012/mocked" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-west-1:123456789012:function:mocked"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/mocked/invocations"
    }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-west-1:123456789012:rule/mocked" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mocked" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mocked" }
  }
  mock_resource "aws_api_gateway_rest_api" {
    defaults = { execution_arn = "arn:aws:execute-api:eu-west-1:123456789012:mocked" }
  }
  mock_resource "aws_api_gateway_stage" {
    defaults = { arn = "arn:aws:apigateway:eu-west-1::/restapis/mocked/stages/live" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = { arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_mocked", id = "eu-west-1_mocked" }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/E1", domain_name = "d111111abcdef8.cloudfront.net" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/mocked/1" }
  }
}

variables {
  region = "eu-west-1"
}

run "with_the_defaults" {
  assert {
    condition     = join(" ", keys(module.service)) == "dataset dataset-watcher deployer job-api labelling trainer"
    error_message = "There is a module for each service.yaml."
  }
  assert {
    condition     = module.bucket.name == "ekyc-123456789012-eu-west-1"
    error_message = "The bucket is named after prefix, account and region."
  }
  assert {
    condition     = output.sign_in != null && output.labelling.group == "ekyc-labellers"
    error_message = "There is a user pool, and a work team made from it."
  }
  assert {
    condition     = module.clock.expression == "rate(1 minute)"
    error_message = "The clock goes by the minute."
  }
  assert {
    condition     = output.console_url == null && output.leads_group == "ekyc-leads"
    error_message = "No page is served unless it is asked for; who leads is known anyway."
  }
}

run "with_iam_and_a_work_team_there_is_no_user_pool" {
  variables {
    auth         = "iam"
    workteam_arn = "arn:aws:sagemaker:eu-west-1:123456789012:workteam/private-crowd/ours"
  }
  assert {
    condition     = length(module.sign_in) == 0 && output.sign_in == null && output.labelling.portal == null
    error_message = "Nobody needs a user pool."
  }
}

run "with_iam_and_no_work_team_there_is_a_user_pool_for_labellers_alone" {
  variables {
    auth = "iam"
  }
  assert {
    condition     = length(module.sign_in) == 1 && output.sign_in == null && output.labelling.group == "ekyc-labellers"
    error_message = "Labellers need a user pool, the API does not."
  }
}

run "with_a_work_team_of_ones_own_the_user_pool_is_told_all_the_same" {
  variables {
    workteam_arn = "arn:aws:sagemaker:eu-west-1:123456789012:workteam/private-crowd/ours"
  }
  assert {
    condition     = output.labelling.user_pool_id == "eu-west-1_mocked" && output.labelling.group == null
    error_message = "People are added to the user pool whoever's the work team is."
  }
}

run "with_people_labelling_on_the_page_there_is_no_work_team" {
  variables {
    labelling_backend = "console"
  }
  assert {
    condition     = output.labelling.workteam_arn == null && output.labelling.portal == null && output.labelling.user_pool_id == "eu-west-1_mocked"
    error_message = "Ground Truth may be closed to the account, so nothing of it is made; people sign in all the same."
  }
}

run "with_the_page_by_default_and_a_work_team_all_the_same" {
  variables {
    labelling_backend = "console"
    make_workteam     = true
  }
  assert {
    condition     = output.labelling.workteam_arn == "arn:aws:sagemaker:eu-west-1:123456789012:workteam/private-crowd/ekyc-workers" && output.labelling.group == "ekyc-labellers"
    error_message = "A job may ask for Ground Truth by itself."
  }
}

run "with_iam_and_labels_that_exist_nobody_signs_in" {
  variables {
    auth              = "iam"
    labelling_backend = "import"
  }
  assert {
    condition     = length(module.sign_in) == 0 && output.labelling.user_pool_id == null
    error_message = "Neither callers nor labellers need a user pool."
  }
}

run "without_authorization_when_it_is_meant" {
  variables {
    auth                  = "none"
    allow_unauthenticated = true
  }
  assert {
    condition     = output.auth == "none"
    error_message = "It is let through."
  }
}

run "with_everything_that_is_optional" {
  variables {
    name_prefix                = "kyc-2"
    access_log_bucket          = "logs-of-the-bank"
    upload_origins             = ["https://console.example.com"]
    operator_role_arns         = ["arn:aws:iam::123456789012:role/operator"]
    api_domain                 = { name = "training.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/c", zone_id = "Z123" }
    waf_requests_per_5_minutes = 2000
    alarm_email                = "ops@example.com"
    monthly_budget_usd         = 500
    watch_interval_minutes     = 5
  }
  assert {
    condition     = output.api_url == "https://training.example.com"
    error_message = "The API answers under the domain."
  }
  assert {
    condition     = module.clock.expression == "rate(5 minutes)"
    error_message = "The clock goes as chosen."
  }
}

run "with_rules_instead_of_the_scheduler_and_no_alarm_about_models" {
  variables {
    clock                     = "rules"
    model_running_alarm_hours = null
  }
  assert {
    condition     = module.clock.expression == "rate(1 minute)"
    error_message = "Rules go by the same clock."
  }
}

run "with_the_page" {
  variables {
    console = true
  }
  assert {
    condition     = output.console_url == "https://d111111abcdef8.cloudfront.net"
    error_message = "CloudFront gives the address."
  }
}

run "with_the_page_under_a_domain_of_ones_own" {
  variables {
    region                    = "us-east-1"
    name_prefix               = "kyc-3"
    console                   = true
    console_domain            = { name = "kyc.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/c", zone_id = "Z123" }
    console_price_class       = "PriceClass_All"
    console_web_acl_arn       = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/ours/1"
    access_log_bucket         = "logs-of-the-bank"
    model_running_alarm_hours = null
  }
  assert {
    condition     = output.console_url == "https://kyc.example.com"
    error_message = "The page is under the domain."
  }
}

run "with_the_page_and_without_authorization" {
  variables {
    auth                  = "none"
    allow_unauthenticated = true
    console               = true
  }
  assert {
    condition     = module.console[0].client_id == null
    error_message = "Nobody signs in."
  }
}
