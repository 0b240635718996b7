# The local target, `make terraform-local`. What depends on the machine comes from there: AWS_ENDPOINT_URL,
# architecture, function_environment.
region              = "eu-west-1"
emulator            = true
deletion_protection = false
packages_folder     = "../build/packages/host"

# The simulator knows this work team; the emulators have neither SageMaker nor people.
workteam_arn          = "arn:aws:sagemaker:eu-west-1:000000000000:workteam/private-crowd/ekyc-workers"
auth                  = "none"
allow_unauthenticated = true
upload_origins        = ["*"]
log_retention_days    = 14
