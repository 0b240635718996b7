locals {
  # What passes between two events is a stage; the function that hears all events logs each of them.
  stages = {
    Labelling          = ["ekyc.labelling.started.v1", "ekyc.labelling.completed.v1"]
    "Dataset creation" = ["ekyc.dataset.creation-started.v1", "ekyc.dataset.ready.v1"]
    Training           = ["ekyc.model.training-started.v1", "ekyc.model.trained.v1"]
    Deployment         = ["ekyc.model.deployment-started.v1", "ekyc.model.deployed.v1"]
  }
  stage_names = keys(local.stages)

  # What runtime/observe.py counts when something goes wrong, and the dimensions it counts by.
  troubles = { MessageFailed = "service", LookFailed = "service", TriedInVain = "service", StageFailed = "service,stage" }

  source = "SOURCE '${var.event_log_group}' | filter message = 'event received'"

  units = "SEARCH('{AWS/Rekognition,ProjectName,VersionName} MetricName=\"InServiceInferenceUnits\"', 'Average', 300)"

  metric_widgets = [
    {
      title   = "Inference units of running models (whole account)"
      metrics = [[{ expression = local.units, id = "units", label = "$${PROP('Dim.ProjectName')} $${PROP('Dim.VersionName')}" }]]
    },
    {
      title   = "What running models cost, in dollars an hour (list price of $4 a unit)"
      metrics = [[{ expression = "4 * SUM(${local.units})", id = "cost", label = "dollars an hour" }]]
    },
    {
      title   = "Messages that wait"
      metrics = [for service, queue in var.queues : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name, { label = service, stat = "Maximum" }]]
    },
    {
      title   = "Age of the oldest message, in seconds"
      metrics = [for service, queue in var.queues : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue.name, { label = service, stat = "Maximum" }]]
    },
    {
      title   = "Dead letters"
      metrics = [for service, queue in var.queues : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.dead_letters, { label = service, stat = "Maximum" }]]
    },
    {
      title = "Trouble that the services count"
      metrics = [for name, dimensions in local.troubles : [{
        expression = "SUM(SEARCH('{${var.name_prefix},${dimensions}} MetricName=\"${name}\"', 'Sum', 300))"
        id         = lower(name)
        label      = name
      }]]
    },
    {
      title   = "Errors of functions"
      metrics = [for name in values(var.functions) : ["AWS/Lambda", "Errors", "FunctionName", name, { label = trimprefix(name, "${var.name_prefix}-"), stat = "Sum" }]]
    },
    {
      title   = "How long functions take, in milliseconds (99 of 100 calls)"
      metrics = [for name in values(var.functions) : ["AWS/Lambda", "Duration", "FunctionName", name, { label = trimprefix(name, "${var.name_prefix}-"), stat = "p99" }]]
    },
    {
      title = "Requests to the API"
      metrics = [for name in ["Count", "4XXError", "5XXError"] :
        ["AWS/ApiGateway", name, "ApiName", var.api.name, "Stage", var.api.stage, { stat = "Sum" }]
      ]
    },
    {
      title = "How long requests take, in milliseconds"
      metrics = [for stat in ["p50", "p99"] :
        ["AWS/ApiGateway", "Latency", "ApiName", var.api.name, "Stage", var.api.stage, { stat = stat, label = stat }]
      ]
    },
  ]

  widgets = concat(
    [for number, widget in local.metric_widgets : {
      type   = "metric"
      x      = 12 * (number % 2)
      y      = 6 * floor(number / 2)
      width  = 12
      height = 6
      properties = {
        title   = widget.title
        region  = var.region
        view    = "timeSeries"
        period  = 300
        metrics = widget.metrics
      }
    }],
    [{
      type   = "log"
      x      = 0
      y      = 30
      width  = 8
      height = 12
      properties = {
        title  = "Jobs by the last that was heard of them"
        region = var.region
        view   = "table"
        query  = "${local.source} | stats latest(event_type) as last_event by job_id | stats count(*) as jobs by last_event | sort jobs desc"
      }
    }],
    [for number, name in local.stage_names : {
      type   = "log"
      x      = 8 + 8 * (number % 2)
      y      = 30 + 6 * floor(number / 2)
      width  = 8
      height = 6
      properties = {
        title  = "${name}, in minutes"
        region = var.region
        view   = "table"
        query  = "${local.source} and event_type in ${jsonencode(local.stages[name])} | stats (max(@timestamp) - min(@timestamp)) / 60000 as took, count_distinct(event_type) as ends by job_id, attempt | filter ends = 2 | stats count(*) as jobs, pct(took, 50) as median, max(took) as longest"
      }
    }],
  )
}
