#!/usr/bin/env bash
# Walks the sequence of the Custom Labels developer guide by hand, with the AWS CLI:
#   S3 bucket -> labelling job -> project -> datasets -> training -> evaluation -> model -> detection -> clean-up.
#
#   tests/simulator/walkthrough.sh IMAGES ANNOTATIONS
#
# IMAGES is a folder of PNG or JPEG files, ANNOTATIONS a COCO document about them. Needs `aws` and `curl`, a running
# simulator (SIMULATOR, default http://127.0.0.1:4567) and an S3 that both it and the CLI see (AWS_ENDPOINT_URL,
# default http://127.0.0.1:4566). Leaves nothing behind but the bucket.
set -euo pipefail

images=$1
annotations=$2
simulator=${SIMULATOR:-http://127.0.0.1:4567}
export AWS_ENDPOINT_URL=${AWS_ENDPOINT_URL:-http://127.0.0.1:4566}
export AWS_ENDPOINT_URL_SAGEMAKER=$simulator AWS_ENDPOINT_URL_REKOGNITION=$simulator
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-eu-west-1} AWS_PAGER=""
name=walk-$(date +%s)
bucket=$name-images
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

say() { printf '\n== %s\n' "$*"; }

# until_is WANTED COMMAND...: ask until the answer is WANTED; anything that ends in FAILED or Failed is the end.
until_is() {
  local wanted=$1 answer
  shift
  for _ in $(seq 600); do
    answer=$("$@")
    [[ $answer == "$wanted" ]] && return
    [[ $answer == *FAILED || $answer == Failed ]] && break
    sleep 0.5
  done
  echo "wanted $wanted, got $answer" >&2
  return 1
}

say "a bucket with the images, open to browsers"
aws s3api create-bucket --bucket "$bucket" \
  --create-bucket-configuration "LocationConstraint=$AWS_DEFAULT_REGION" > /dev/null
aws s3api put-bucket-cors --bucket "$bucket" --cors-configuration \
  '{"CORSRules":[{"AllowedOrigins":["*"],"AllowedMethods":["GET"],"AllowedHeaders":[]}]}'
aws s3 sync --only-show-errors "$images" "s3://$bucket/images"
aws s3api list-objects-v2 --bucket "$bucket" --prefix images/ --query 'Contents[].Key' --output text |
  tr '\t' '\n' | sed "s#.*#{\"source-ref\":\"s3://$bucket/&\"}#" > "$work/input.manifest"
grep -o '"name": *"[^"]*"' "$annotations" | sed 's/.*: *"\(.*\)"/{"label":"\1"}/' | paste -sd, |
  sed 's/.*/{"document-version":"2018-11-28","labels":[&]}/' > "$work/labels.json"
echo '<crowd-form></crowd-form>' > "$work/template.html"
for file in input.manifest labels.json template.html; do
  aws s3 cp --only-show-errors "$work/$file" "s3://$bucket/job/$file"
done

say "people who know what is on the images"
curl --fail-with-body -sS -H 'Content-Type: application/json' -d "@$annotations" "$simulator/_simulator/annotations"

say "a labelling job"
account=000000000000
functions=arn:aws:lambda:$AWS_DEFAULT_REGION:568282634449:function
aws sagemaker create-labeling-job --labeling-job-name "$name" --label-attribute-name boxes \
  --input-config "DataSource={S3DataSource={ManifestS3Uri=s3://$bucket/job/input.manifest}}" \
  --output-config "S3OutputPath=s3://$bucket/labelled" \
  --role-arn "arn:aws:iam::$account:role/labelling" \
  --label-category-config-s3-uri "s3://$bucket/job/labels.json" \
  --human-task-config "WorkteamArn=arn:aws:sagemaker:$AWS_DEFAULT_REGION:$account:workteam/private-crowd/team,\
UiConfig={UiTemplateS3Uri=s3://$bucket/job/template.html},PreHumanTaskLambdaArn=$functions:PRE-BoundingBox,\
TaskTitle=Documents,TaskDescription=Draw boxes,NumberOfHumanWorkersPerDataObject=1,TaskTimeLimitInSeconds=600,\
AnnotationConsolidationConfig={AnnotationConsolidationLambdaArn=$functions:ACS-BoundingBox}"
until_is Completed aws sagemaker describe-labeling-job --labeling-job-name "$name" \
  --query LabelingJobStatus --output text
aws sagemaker describe-labeling-job --labeling-job-name "$name" --query LabelCounters

say "a project with a training dataset, and an empty test dataset that takes a fifth of it"
project=$(aws rekognition create-project --project-name "$name" --query ProjectArn --output text)
train=$(aws rekognition create-dataset --project-arn "$project" --dataset-type TRAIN --dataset-source \
  "GroundTruthManifest={S3Object={Bucket=$bucket,Name=labelled/$name/manifests/output/output.manifest}}" \
  --query DatasetArn --output text)
test=$(aws rekognition create-dataset --project-arn "$project" --dataset-type TEST --query DatasetArn --output text)
for dataset in "$train" "$test"; do
  until_is CREATE_COMPLETE aws rekognition describe-dataset --dataset-arn "$dataset" \
    --query DatasetDescription.Status --output text
done
aws rekognition distribute-dataset-entries --datasets "Arn=$train" "Arn=$test"
for dataset in "$train" "$test"; do
  until_is UPDATE_COMPLETE aws rekognition describe-dataset --dataset-arn "$dataset" \
    --query DatasetDescription.Status --output text
  aws rekognition describe-dataset --dataset-arn "$dataset" --query DatasetDescription.DatasetStats --output table
done
aws rekognition list-dataset-labels --dataset-arn "$train" --output table
aws rekognition list-dataset-entries --dataset-arn "$test" --max-items 1 --query 'DatasetEntries[0]'

say "training"
version=$(aws rekognition create-project-version --project-arn "$project" --version-name v1 \
  --output-config "S3Bucket=$bucket,S3KeyPrefix=evaluation" --query ProjectVersionArn --output text)
until_is TRAINING_COMPLETED aws rekognition describe-project-versions --project-arn "$project" --version-names v1 \
  --query 'ProjectVersionDescriptions[0].Status' --output text
aws rekognition wait project-version-training-completed --project-arn "$project" --version-names v1
aws rekognition describe-project-versions --project-arn "$project" --version-names v1 \
  --query 'ProjectVersionDescriptions[0].[EvaluationResult.F1Score,BillableTrainingTimeInSeconds]' --output text
summary=$(aws rekognition describe-project-versions --project-arn "$project" --version-names v1 \
  --query 'ProjectVersionDescriptions[0].EvaluationResult.Summary.S3Object.Name' --output text)
aws s3 cp --only-show-errors "s3://$bucket/$summary" -

say "the model runs and finds documents"
aws rekognition start-project-version --project-version-arn "$version" --min-inference-units 1
until_is RUNNING aws rekognition describe-project-versions --project-arn "$project" --version-names v1 \
  --query 'ProjectVersionDescriptions[0].Status' --output text
aws rekognition wait project-version-running --project-arn "$project" --version-names v1
first=$(aws s3api list-objects-v2 --bucket "$bucket" --prefix images/ --query 'Contents[0].Key' --output text)
aws rekognition detect-custom-labels --project-version-arn "$version" --image "S3Object={Bucket=$bucket,Name=$first}"
aws rekognition detect-custom-labels --project-version-arn "$version" --image-bytes "fileb://$images/${first##*/}" \
  --max-results 1 --query 'CustomLabels[0].Name' --output text

say "clean-up"
aws rekognition stop-project-version --project-version-arn "$version"
until_is STOPPED aws rekognition describe-project-versions --project-arn "$project" --version-names v1 \
  --query 'ProjectVersionDescriptions[0].Status' --output text
aws rekognition delete-project-version --project-version-arn "$version"
until_is None aws rekognition describe-project-versions --project-arn "$project" --version-names v1 \
  --query 'ProjectVersionDescriptions[0].Status' --output text
for dataset in "$train" "$test"; do
  aws rekognition delete-dataset --dataset-arn "$dataset"
  until_is None aws rekognition describe-projects --project-names "$name" \
    --query "ProjectDescriptions[0].Datasets[?DatasetArn=='$dataset'].Status | [0]" --output text
done
aws rekognition delete-project --project-arn "$project"
until_is None aws rekognition describe-projects --project-names "$name" \
  --query 'ProjectDescriptions[0].Status' --output text
say "done"
