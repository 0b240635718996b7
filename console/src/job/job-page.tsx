import type { TrainingJob } from "../api/types";
import { count, counted, dateTime, dollars, duration, percent, share } from "../lib/format";
import { useNow } from "../lib/polling";
import { links } from "../lib/router";
import { useApp } from "../app-context";
import { overdueFor } from "../jobs/overdue";
import { Notice } from "../ui/notice";
import { Actions } from "./actions";
import { History } from "./history";
import { Timeline } from "./timeline";
import { JobFrame, useJob } from "./use-job";

export function JobPage({ jobId }: { readonly jobId: string }) {
  const polled = useJob(jobId);
  return (
    <JobFrame
      jobId={jobId}
      page="job"
      polled={polled}
      actions={(job) => (
        <Actions
          job={job}
          onDone={(answered) => {
            polled.set(answered);
            polled.refresh();
          }}
        />
      )}
    >
      {(job) => (
        <>
          <Told job={job} />
          <section class="panel" aria-label="Progress">
            <Timeline job={job} />
          </section>
          <div class="columns">
            <div class="stack">
              <Images job={job} />
              <LeftOut job={job} />
              <section class="panel" aria-labelledby="history">
                <h2 id="history">History</h2>
                <History jobId={jobId} updatedAt={job.updatedAt} />
              </section>
            </div>
            <div class="stack">
              <Model job={job} />
              <Cost job={job} />
              <Plan job={job} />
            </div>
          </div>
        </>
      )}
    </JobFrame>
  );
}

/** The one thing that a person should know or do now. */
function Told({ job }: { readonly job: TrainingJob }) {
  return (
    <>
      {job.status === "FAILED" && job.failure && (
        <Notice kind="bad">
          <p>
            <strong>{job.failure.reason}</strong>
          </p>
          <p>{job.failure.advice}</p>
          {job.failure.details.length > 0 && (
            <ul class="small">
              {job.failure.details.map((detail) => (
                <li key={detail}>{detail}</li>
              ))}
            </ul>
          )}
        </Notice>
      )}
      {job.cancellation && (
        <Notice>
          <p>
            <strong>Cancelled {dateTime(job.cancellation.at)}.</strong> {job.cancellation.reason}
          </p>
          {job.cancellation.lasting.map((line) => (
            <p key={line} class="small">
              {line}
            </p>
          ))}
        </Notice>
      )}
      {job.status === "REJECTED" && (
        <Notice kind="warn">
          The model’s F1 of {share(job.model?.f1)} is below the {share(job.options.minF1)} that was asked for,
          so it was not started. More or better labelled images help most; it can be started all the same.
        </Notice>
      )}
      {job.status === "CREATED" && (
        <Notice>
          <div class="row">
            <span>This job waits for its images.</span>
            <a class="button small primary" href={links.jobPage(job.jobId, "images")}>
              Add images
            </a>
          </div>
        </Notice>
      )}
      {job.status === "LABELLING" && job.labellingBackend === "console" && (
        <Notice>
          <div class="row">
            <span>The images wait for their boxes.</span>
            <a class="button small primary" href={links.label(job.jobId)}>
              Label images
            </a>
          </div>
        </Notice>
      )}
      {job.waitingFor && <Notice kind="warn">Waits for {job.waitingFor}.</Notice>}
      <Overdue job={job} />
    </>
  );
}

function Overdue({ job }: { readonly job: TrainingJob }) {
  const { config } = useApp();
  const now = useNow(30_000);
  const overdue = overdueFor(job, config.modelRunningAlarmHours, now);
  if (overdue === null) return null;
  return (
    <Notice kind="bad">
      The model has run for {duration(overdue.running)}, longer than the {overdue.expectedHours} h expected,
      at {dollars(job.cost.perHourNow)} an hour. Stop it if nobody uses it.
    </Notice>
  );
}

function Images({ job }: { readonly job: TrainingJob }) {
  const images = job.labelling?.images;
  const labels = job.labelling?.labels;
  const refused = job.labelling?.refused ?? [];
  if (!images && !labels) return null;
  return (
    <section class="panel" aria-labelledby="images">
      <h2 id="images">Images</h2>
      <ul class="counts">
        {images && (
          <>
            <Count value={images.uploaded} text="uploaded" />
            <Count value={images.accepted} text="accepted" />
            <Count value={images.refused} text="refused" bad />
          </>
        )}
        {labels && (
          <>
            <Count value={labels.labelled} text="labelled" />
            <Count value={labels.failed} text="without an answer" bad />
            <Count value={labels.unlabelled} text="not reached" bad />
          </>
        )}
        {typeof job.dataset?.trainEntries === "number" && (
          <>
            <Count value={job.dataset.trainEntries} text="to train" />
            <Count value={job.dataset.testEntries ?? 0} text="to test" />
          </>
        )}
      </ul>
      {refused.length > 0 && (
        <details class="reasons" open={refused.length <= 5}>
          <summary>Refused, with reasons</summary>
          <ul>
            {refused.map((image) => (
              <li key={image.filename}>
                <span class="mono wrap-anywhere">{image.filename}</span>
                <span class="quiet">{image.reason}</span>
              </li>
            ))}
          </ul>
          {images && images.refused > refused.length && job.labelling?.refusedReport && (
            <p class="small quiet">
              {counted(images.refused - refused.length, "other")} in {job.labelling.refusedReport}
            </p>
          )}
        </details>
      )}
    </section>
  );
}

function Count({
  value,
  text,
  bad,
}: {
  readonly value: number;
  readonly text: string;
  readonly bad?: boolean;
}) {
  return (
    <li class={bad && value > 0 ? "bad" : ""}>
      <b>{count(value)}</b> <span>{text}</span>
    </li>
  );
}

function LeftOut({ job }: { readonly job: TrainingJob }) {
  const leftOut = [...(job.labelling?.leftOut ?? []), ...(job.dataset?.leftOut ?? [])];
  if (leftOut.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="left-out">
      <h2 id="left-out">Left out</h2>
      <ul class="reasons">
        {leftOut.map((one) => (
          <li key={one.code + one.reason}>
            <span>
              <b>{count(one.count)}</b> {one.reason}
            </span>
            <span class="small quiet wrap-anywhere">{one.examples.join(", ")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Model({ job }: { readonly job: TrainingJob }) {
  const { model } = job;
  const now = useNow(10_000);
  if (!model) return null;
  return (
    <section class="panel" aria-labelledby="model">
      <h2 id="model">Model</h2>
      <dl class="facts-list">
        {typeof model.f1 === "number" && (
          <>
            <dt>F1</dt>
            <dd>
              <a href={links.jobPage(job.jobId, "results")}>
                <b>{share(model.f1)}</b>
              </a>
              {typeof model.minF1 === "number" && (
                <span class="quiet"> · asked for {share(model.minF1)}</span>
              )}
            </dd>
          </>
        )}
        {model.runningSince && (
          <>
            <dt>Runs for</dt>
            <dd>{duration(now - Date.parse(model.runningSince))}</dd>
          </>
        )}
        {model.autoStopAt && (
          <>
            <dt>Stops by itself</dt>
            <dd>{dateTime(model.autoStopAt)}</dd>
          </>
        )}
        {model.stoppedAt && (
          <>
            <dt>Stopped</dt>
            <dd>
              {dateTime(model.stoppedAt)} {model.stopCause && <span class="quiet">({model.stopCause})</span>}
            </dd>
          </>
        )}
        <dt>Version</dt>
        <dd class="mono">{model.projectVersionArn}</dd>
      </dl>
    </section>
  );
}

function Cost({ job }: { readonly job: TrainingJob }) {
  const { cost } = job;
  return (
    <section class="panel" aria-labelledby="cost">
      <header>
        <h2 id="cost">Cost so far</h2>
        <span class="small quiet">estimated from list prices</span>
      </header>
      <table>
        <tbody>
          {(["labelling", "training", "running"] as const).map((part) => (
            <tr key={part}>
              <th scope="row">{part.charAt(0).toUpperCase() + part.slice(1)}</th>
              <td class="number">{dollars(cost[part])}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Total</th>
            <td class="number">
              <b>{dollars(cost.total)}</b>
            </td>
          </tr>
        </tbody>
      </table>
      {cost.perHourNow > 0 && <p class="per-hour">{dollars(cost.perHourNow)} for each hour that it runs</p>}
    </section>
  );
}

const BACKENDS: Readonly<Record<TrainingJob["labellingBackend"], string>> = {
  "ground-truth": "SageMaker Ground Truth",
  console: "on this page",
  import: "imported",
};

function Plan({ job }: { readonly job: TrainingJob }) {
  const { options } = job;
  return (
    <section class="panel" aria-labelledby="plan">
      <h2 id="plan">What was asked for</h2>
      <dl class="facts-list">
        <dt>Types</dt>
        <dd class="row">
          {job.labels.map((label) => (
            <span key={label} class="chip">
              {label}
            </span>
          ))}
        </dd>
        <dt>Boxes</dt>
        <dd>{BACKENDS[job.labellingBackend]}</dd>
        <dt>Quality bar</dt>
        <dd>
          {options.minF1 === null || options.minF1 === undefined ? "none" : `F1 of ${share(options.minF1)}`}
        </dd>
        <dt>Kept for testing</dt>
        <dd>{percent(options.testFraction)}</dd>
        <dt>People per image</dt>
        <dd>{options.workersPerImage}</dd>
        <dt>Inference units</dt>
        <dd>{options.inferenceUnits}</dd>
        <dt>Stops by itself</dt>
        <dd>
          {options.autoStopAfterMinutes
            ? `after ${counted(options.autoStopAfterMinutes, "minute")}`
            : "never"}
        </dd>
        <dt>Created</dt>
        <dd>{dateTime(job.createdAt)}</dd>
      </dl>
    </section>
  );
}
