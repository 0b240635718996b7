terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

provider "aws" {
  region = var.region

  # An emulator is found by AWS_ENDPOINT_URL, which the provider reads itself; it has no metadata service to ask
  # and no names of buckets in its host name.
  s3_use_path_style           = var.emulator
  skip_credentials_validation = var.emulator
  skip_metadata_api_check     = var.emulator
  skip_requesting_account_id  = var.emulator

  default_tags {
    tags = merge({ Application = "ekyc-training-pipeline", Deployment = var.name_prefix }, var.tags)
  }
}
