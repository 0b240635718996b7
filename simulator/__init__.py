"""SageMaker Ground Truth labelling jobs and Rekognition Custom Labels on localhost."""
