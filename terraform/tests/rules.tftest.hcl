# What the variables refuse, and what they let through. Nothing is called: the provider is mocked.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  region = "eu-west-1"
}

run "a_region_without_custom_labels_is_refused" {
  command = plan
  variables {
    region = "ca-central-1"
  }
  expect_failures = [var.region]
}

run "a_prefix_that_leaves_no_room_for_a_job_id_is_refused" {
  command = plan
  variables {
    name_prefix = "a-prefix-of-21-letters"
  }
  expect_failures = [var.name_prefix]
}

run "a_prefix_in_capitals_is_refused" {
  command = plan
  variables {
    name_prefix = "eKYC"
  }
  expect_failures = [var.name_prefix]
}

run "an_api_without_authorization_is_refused_unless_it_is_meant" {
  command = plan
  variables {
    auth = "none"
  }
  expect_failures = [var.auth]
}

run "an_unknown_authorization_is_refused" {
  command = plan
  variables {
    auth = "basic"
  }
  expect_failures = [var.auth]
}

run "the_public_work_team_is_refused" {
  command = plan
  variables {
    workteam_arn = "arn:aws:sagemaker:eu-west-1:394669845002:workteam/public-crowd/default"
  }
  expect_failures = [var.workteam_arn]
}

run "a_work_team_of_another_region_is_refused" {
  command = plan
  variables {
    workteam_arn = "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/ours"
  }
  expect_failures = [var.workteam_arn]
}

run "a_work_team_is_made_or_given_not_both" {
  command = plan
  variables {
    workteam_arn  = "arn:aws:sagemaker:eu-west-1:123456789012:workteam/private-crowd/ours"
    make_workteam = true
  }
  expect_failures = [var.make_workteam]
}

run "ground_truth_by_default_needs_a_work_team" {
  command = plan
  variables {
    make_workteam = false
  }
  expect_failures = [var.make_workteam]
}

run "images_are_kept_until_labelling_and_training_have_read_them" {
  command = plan
  variables {
    image_retention_days = 59
  }
  expect_failures = [var.image_retention_days]
}

run "an_upload_origin_with_a_path_is_refused" {
  command = plan
  variables {
    upload_origins = ["https://console.example.com/upload"]
  }
  expect_failures = [var.upload_origins]
}

run "eleven_labels_are_refused" {
  command = plan
  variables {
    labels = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]
  }
  expect_failures = [var.labels]
}

run "a_label_with_a_comma_is_refused" {
  command = plan
  variables {
    labels = ["passport, old"]
  }
  expect_failures = [var.labels]
}

run "a_watch_interval_of_half_a_minute_is_refused" {
  command = plan
  variables {
    watch_interval_minutes = 0.5
  }
  expect_failures = [var.watch_interval_minutes]
}

run "an_alarm_for_every_model_that_runs_at_all_is_refused" {
  command = plan
  variables {
    model_running_alarm_hours = 0
  }
  expect_failures = [var.model_running_alarm_hours]
}

run "a_budget_needs_somebody_to_write_to" {
  command = plan
  variables {
    monthly_budget_usd = 500
  }
  expect_failures = [var.monthly_budget_usd]
}

run "a_log_retention_that_cloudwatch_does_not_know_is_refused" {
  command = plan
  variables {
    log_retention_days = 100
  }
  expect_failures = [var.log_retention_days]
}

run "an_unknown_processor_is_refused" {
  command = plan
  variables {
    architecture = "arm"
  }
  expect_failures = [var.architecture]
}

run "an_operator_is_a_role" {
  command = plan
  variables {
    operator_role_arns = ["arn:aws:iam::123456789012:user/somebody"]
  }
  expect_failures = [var.operator_role_arns]
}

run "a_page_that_is_not_built_is_refused_with_the_way_to_build_it" {
  command = plan
  variables {
    console        = true
    console_folder = "../console/nowhere"
  }
  expect_failures = [var.console_folder]
}

run "a_page_cannot_sign_as_an_iam_principal" {
  command = plan
  variables {
    console = true
    auth    = "iam"
  }
  expect_failures = [var.console]
}

run "cloudfront_takes_certificates_of_one_region_alone" {
  command = plan
  variables {
    console_domain = { name = "kyc.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/c" }
  }
  expect_failures = [var.console_domain]
}

run "an_unknown_price_class_is_refused" {
  command = plan
  variables {
    console_price_class = "PriceClass_300"
  }
  expect_failures = [var.console_price_class]
}

run "a_regional_web_acl_cannot_stand_before_the_page" {
  command = plan
  variables {
    console_web_acl_arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/ours/1"
  }
  expect_failures = [var.console_web_acl_arn]
}
