import { useState } from "preact/hooks";
import type { JobStatus, TrainingJob, TrainingJobSummary } from "../api/types";
import { useApp } from "../app-context";
import { count, dollars, duration, share } from "../lib/format";
import { useNow, usePolled } from "../lib/polling";
import { links } from "../lib/router";
import { Failed, Loading } from "../ui/notice";
import { Head, useTitle } from "../ui/page";
import { STATUSES, Status, isMoving } from "../ui/status";
import { StageTrack } from "./stage-track";
import { overdueFor } from "./overdue";

interface Listed {
  readonly jobs: readonly TrainingJobSummary[];
  readonly more: boolean;
  /** Those that run, in full: since when is not in the list. */
  readonly running: ReadonlyMap<string, TrainingJob>;
}

const PAGE = 50;

export function JobsPage() {
  useTitle("Jobs");
  const [status, setStatus] = useState<JobStatus | null>(null);
  return (
    <>
      <Head title="Jobs">
        <label class="row">
          <span class="quiet">State</span>
          <select
            value={status ?? ""}
            onChange={(event) => setStatus((event.currentTarget.value || null) as JobStatus | null)}
          >
            <option value="">All</option>
            {Object.entries(STATUSES).map(([value, { text }]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <a class="button primary" href={links.newJob}>
          New job
        </a>
      </Head>
      <JobList key={status ?? "all"} status={status} />
    </>
  );
}

function JobList({ status }: { readonly status: JobStatus | null }) {
  const { training, config } = useApp();
  const [pages, setPages] = useState(1);
  const list = usePolled<Listed>(
    async (signal) => {
      const jobs: TrainingJobSummary[] = [];
      let nextToken: string | null = null;
      for (let page = 0; page < pages; page += 1) {
        const answer = await training.list({ status, limit: PAGE, nextToken }, signal);
        jobs.push(...answer.jobs);
        nextToken = answer.nextToken ?? null;
        if (nextToken === null) break;
      }
      const running = jobs.filter((job) => job.status === "RUNNING");
      const shown = await Promise.all(running.map((job) => training.show(job.jobId, signal)));
      return { jobs, more: nextToken !== null, running: new Map(shown.map((job) => [job.jobId, job])) };
    },
    (listed) => (listed?.jobs.some((job) => isMoving(job.status)) ? 5_000 : 15_000),
  );
  const now = useNow(10_000);

  if (list.value === null)
    return list.error === null ? <Loading /> : <Failed error={list.error} onRetry={list.refresh} />;
  const { jobs, running, more } = list.value;
  if (jobs.length === 0) return <NoJobs filtered={status !== null} />;
  const perHour = jobs.reduce((sum, job) => sum + job.cost.perHourNow, 0);
  return (
    <div class="stack">
      <Failed error={list.error} onRetry={list.refresh} />
      {perHour > 0 && (
        <p>
          <strong>{dollars(perHour)} an hour</strong>{" "}
          <span class="quiet">is what the running models cost now.</span>
        </p>
      )}
      <div class="panel jobs scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              <th scope="col">Stage</th>
              <th scope="col" class="number">
                F1
              </th>
              <th scope="col" class="number">
                Per hour
              </th>
              <th scope="col" class="number">
                So far
              </th>
              <th scope="col" class="number">
                Age
              </th>
            </tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <JobRow
                key={job.jobId}
                job={job}
                full={running.get(job.jobId) ?? null}
                alarmHours={config.modelRunningAlarmHours}
                now={now}
              />
            ))}
          </tbody>
        </table>
      </div>
      {more && (
        <div class="row">
          <button
            type="button"
            class="button"
            onClick={() => {
              setPages(pages + 1);
              list.refresh();
            }}
          >
            Show more
          </button>
          <span class="quiet">{count(jobs.length)} shown</span>
        </div>
      )}
    </div>
  );
}

interface RowProps {
  readonly job: TrainingJobSummary;
  readonly full: TrainingJob | null;
  readonly alarmHours: number | null;
  readonly now: number;
}

function JobRow({ job, full, alarmHours, now }: RowProps) {
  const overdue = full === null ? null : overdueFor(full, alarmHours, now);
  return (
    <>
      <tr class={overdue === null ? "" : "overdue"}>
        <td data-column="Job">
          <a class="job-name" href={links.job(job.jobId)}>
            {job.name ?? "Unnamed job"}
          </a>
          <div class="small quiet wrap-anywhere">{job.labels.join(" · ")}</div>
        </td>
        <td data-column="State">
          <Status status={job.status} />
          {job.attempt > 1 && <div class="small quiet">attempt {job.attempt}</div>}
        </td>
        <td data-column="Stage">
          <StageTrack status={job.status} />
        </td>
        <td data-column="F1" class="number">
          {share(job.f1)}
        </td>
        <td data-column="Per hour" class="number">
          {job.cost.perHourNow > 0 ? dollars(job.cost.perHourNow) : "–"}
        </td>
        <td data-column="So far" class="number">
          {dollars(job.cost.total)}
        </td>
        <td data-column="Age" class="number">
          <time dateTime={job.createdAt}>{duration(now - Date.parse(job.createdAt))}</time>
        </td>
      </tr>
      {overdue !== null && (
        <tr class="overdue-line">
          <td colSpan={7}>
            Its model has run for {duration(overdue.running)}, longer than the {overdue.expectedHours} h
            expected, at {dollars(job.cost.perHourNow)} an hour.{" "}
            <a href={links.job(job.jobId)}>Stop it if nobody uses it.</a>
          </td>
        </tr>
      )}
    </>
  );
}

function NoJobs({ filtered }: { readonly filtered: boolean }) {
  if (filtered) return <p class="panel empty quiet">No job is in this state.</p>;
  return (
    <div class="panel empty">
      <h2>No jobs yet</h2>
      <p class="quiet">
        A job makes a model that finds your documents in photos: from images, through boxes, to a running
        model.
      </p>
      <a class="button primary" href={links.newJob}>
        New job
      </a>
    </div>
  );
}
