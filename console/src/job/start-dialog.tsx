import { ApiError } from "../api/errors";
import type { TrainingJob } from "../api/types";
import { useApp } from "../app-context";
import { counted } from "../lib/format";
import { links } from "../lib/router";
import { Confirm } from "../ui/dialog";
import { IndexedLedger } from "../upload/ledger";

/** What the API finds missing, told for this page. */
const LACKING: Readonly<Record<string, Error>> = {
  "no-images": new Error("The job has no images yet. Add some first."),
  "no-annotations": new Error("The job has no file with the boxes yet. Choose it first."),
};

interface StartDialogProps {
  readonly job: TrainingJob;
  /** How many images this browser knows to be uploaded. */
  readonly images: number;
  readonly onClose: () => void;
}

export function StartDialog({ job, images, onClose }: StartDialogProps) {
  const { training } = useApp();
  const start = async () => {
    await training.start(job.jobId).catch((error: unknown) => {
      throw (error instanceof ApiError && LACKING[error.code]) || error;
    });
    // What was uploaded is of no further use: no image can be added any more.
    await new IndexedLedger(indexedDB).forget(job.jobId).catch(() => undefined);
    location.hash = links.job(job.jobId);
  };
  return (
    <Confirm title="Start with these images?" action="Start" onConfirm={start} onClose={onClose}>
      <p>
        <strong>No image can be added afterwards.</strong>{" "}
        {images === 0
          ? "None was uploaded from this browser; images that came another way count."
          : `${counted(images, "image")} uploaded from here.`}
      </p>
      <p>{aboutBoxes(job)}</p>
      <p>
        Then a dataset is made and a model trained, which AWS bills by the hour.{" "}
        {job.options.minF1 === null || job.options.minF1 === undefined
          ? "The model starts as soon as it is trained, and costs money until it is stopped."
          : "A model that reaches the quality bar starts by itself, and costs money until it is stopped."}
      </p>
    </Confirm>
  );
}

function aboutBoxes(job: TrainingJob): string {
  switch (job.labellingBackend) {
    case "console":
      return "People then draw the boxes on this page, under Label.";
    case "import":
      return "The boxes are taken from the file that was given with the images, the last one if there were several.";
    default:
      return "A Ground Truth labelling job begins: each labelled image is billed, as is the work of a vendor’s people.";
  }
}
