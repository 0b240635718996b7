import type { JobStatus, TrainingJob } from "../../src/api/types";

export const NOW = Date.now();

export function ago(hours: number): string {
  return new Date(NOW - hours * 3_600_000).toISOString();
}

let number = 0;

/** An id as job-api makes them, different each time. */
export function jobId(): string {
  number += 1;
  return `01jd8w${String(number).padStart(20, "0")}`;
}

export function makeJob(changes: Partial<TrainingJob> & { status: JobStatus }): TrainingJob {
  return {
    jobId: jobId(),
    name: "Cards",
    attempt: 1,
    labels: ["id_card", "passport", "driving_licence"],
    labellingBackend: "ground-truth",
    createdAt: ago(30),
    updatedAt: ago(1),
    f1: null,
    cost: { labelling: 0, training: 0, running: 0, total: 0, perHourNow: 0 },
    options: {
      minF1: null,
      inferenceUnits: 1,
      autoStopAfterMinutes: null,
      testFraction: 0.2,
      workersPerImage: 1,
    },
    stages: [],
    waitingFor: null,
    labelling: null,
    dataset: null,
    model: null,
    failure: null,
    cancellation: null,
    ...changes,
  };
}

const ARN = "arn:aws:rekognition:eu-west-1:123456789012:project/ekyc-cards/version/1/1790000000000";

export function runningJob(since: string, changes: Partial<TrainingJob> = {}): TrainingJob {
  return makeJob({
    status: "RUNNING",
    name: "Passports and cards, autumn",
    f1: 0.947,
    cost: { labelling: 38.4, training: 1.33, running: 54.2, total: 93.93, perHourNow: 4 },
    stages: [
      { stage: "labelling", startedAt: ago(29), endedAt: ago(20), waitingFor: null },
      { stage: "dataset", startedAt: ago(20), endedAt: ago(19.9), waitingFor: null },
      { stage: "training", startedAt: ago(19.9), endedAt: ago(18.6), waitingFor: null },
      { stage: "deployment", startedAt: ago(18.6), endedAt: since, waitingFor: null },
    ],
    labelling: {
      images: { uploaded: 484, accepted: 480, refused: 4 },
      refused: [
        {
          filename: "scan-0012.png",
          reason: "The image is 60 × 60 pixels; each side must have at least 64.",
        },
        {
          filename: "scan-0101.jpg",
          reason:
            "The file is a PDF document: Custom Labels takes JPEG and PNG images only, whatever their name.",
        },
      ],
      labels: { labelled: 471, failed: 6, unlabelled: 3 },
      leftOut: [],
    },
    labellingBackend: "console",
    dataset: {
      projectArn: ARN,
      trainDatasetArn: ARN,
      testDatasetArn: ARN,
      split: [
        { label: "id_card", train: 161, test: 40 },
        { label: "passport", train: 120, test: 30 },
        { label: "driving_licence", train: 96, test: 24 },
      ],
      leftOut: [
        {
          code: "box-outside",
          reason: "boxes that lie outside their image",
          count: 2,
          examples: ["a.jpg", "b.jpg"],
        },
      ],
      trainEntries: 377,
      testEntries: 94,
    },
    model: {
      projectVersionArn: ARN,
      f1: 0.947,
      minF1: 0.9,
      labels: [
        { label: "id_card", testImages: 40, threshold: 0.41, precision: 0.975, recall: 0.951, f1: 0.963 },
        { label: "passport", testImages: 30, threshold: 0.36, precision: 1, recall: 0.933, f1: 0.966 },
        {
          label: "driving_licence",
          testImages: 24,
          threshold: 0.52,
          precision: 0.913,
          recall: 0.875,
          f1: 0.894,
        },
      ],
      run: 1,
      inferenceUnits: 1,
      runningSince: since,
    },
    ...changes,
  });
}

/** One job in each state that looks different. */
export function oneOfEach(): TrainingJob[] {
  return [
    makeJob({
      status: "CREATED",
      name: "Residence permits",
      createdAt: ago(0.4),
      labels: ["residence_permit"],
    }),
    makeJob({
      status: "LABELLING",
      name: "Driving licences of the north",
      createdAt: ago(5),
      stages: [{ stage: "labelling", startedAt: ago(4.5), endedAt: null, waitingFor: null }],
      labellingBackend: "console",
      labelling: { images: { uploaded: 212, accepted: 212, refused: 0 }, refused: [], leftOut: [] },
    }),
    runningJob(ago(13.6)),
    makeJob({
      status: "TRAINING",
      name: "Cards, second camera",
      createdAt: ago(26),
      cost: { labelling: 16, training: 0, running: 0, total: 16, perHourNow: 0 },
    }),
    runningJob(ago(2), { name: "Vehicle papers", f1: 0.912, jobId: jobId() }),
    makeJob({
      status: "FAILED",
      name: "Passports, old scanner",
      createdAt: ago(50),
      attempt: 2,
      stages: [{ stage: "labelling", startedAt: ago(49), endedAt: ago(48.9), waitingFor: null }],
      failure: {
        stage: "labelling",
        code: "labelling-refused",
        reason: "AWS refused to create the labelling job: the account is not served by Ground Truth.",
        advice: "Create a job whose boxes are imported, or drawn on this page.",
        details: [],
        at: ago(48.9),
      },
    }),
    makeJob({
      status: "REJECTED",
      name: "Student cards",
      createdAt: ago(120),
      f1: 0.71,
      cost: { labelling: 8, training: 1.1, running: 0, total: 9.1, perHourNow: 0 },
    }),
    makeJob({
      status: "STOPPED",
      name: "Passports and cards, spring",
      createdAt: ago(2400),
      f1: 0.931,
      cost: { labelling: 30, training: 1.4, running: 412, total: 443.4, perHourNow: 0 },
    }),
  ];
}
