# People who call the API and people who label. Nobody signs up by themselves; an administrator adds them.
resource "aws_cognito_user_pool" "people" {
  name                = var.name_prefix
  deletion_protection = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  # With the address as the user name, Cognito makes that an id, and a lead would not know whose boxes are whose.
  alias_attributes         = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = "OPTIONAL"

  software_token_mfa_configuration {
    enabled = true
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  password_policy {
    minimum_length                   = 14
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = false
    temporary_password_validity_days = 3
  }

  username_configuration {
    case_sensitive = false
  }
}

resource "aws_cognito_user_pool_domain" "sign_in" {
  domain       = "${var.name_prefix}-${var.account}"
  user_pool_id = aws_cognito_user_pool.people.id
}

resource "aws_cognito_resource_server" "api" {
  identifier   = "${var.name_prefix}-api"
  name         = "${var.name_prefix} training API"
  user_pool_id = aws_cognito_user_pool.people.id

  scope {
    scope_name        = "read"
    scope_description = "See training jobs"
  }

  scope {
    scope_name        = "write"
    scope_description = "Create and start training jobs, upload images, start and stop models"
  }
}

# Of all people, they alone create, start, retry and cancel jobs, upload, and start and stop models; and of a labelling
# they see everybody's labels, give images out again and end it early.
resource "aws_cognito_user_group" "leads" {
  name         = "${var.name_prefix}-leads"
  description  = "Who commands jobs and models, and leads the labelling"
  user_pool_id = aws_cognito_user_pool.people.id
}

# People at a terminal: no secret, so the code flow with PKCE.
resource "aws_cognito_user_pool_client" "people" {
  name                                 = "${var.name_prefix}-people"
  user_pool_id                         = aws_cognito_user_pool.people.id
  supported_identity_providers         = ["COGNITO"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = concat(["openid", "email"], aws_cognito_resource_server.api.scope_identifiers)
  callback_urls                        = ["http://localhost:8976/callback"]
  logout_urls                          = ["http://localhost:8976/"]
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

# Programs: their own secret, and tokens of an hour.
resource "aws_cognito_user_pool_client" "programs" {
  name                                 = "${var.name_prefix}-programs"
  user_pool_id                         = aws_cognito_user_pool.people.id
  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = aws_cognito_resource_server.api.scope_identifiers
  explicit_auth_flows                  = ["ALLOW_REFRESH_TOKEN_AUTH"]
  enable_token_revocation              = true
  access_token_validity                = 1

  token_validity_units {
    access_token = "hours"
  }
}
