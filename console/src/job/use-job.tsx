import type { ComponentChildren } from "preact";
import type { TrainingJob } from "../api/types";
import { useApp } from "../app-context";
import { type Polled, usePolled } from "../lib/polling";
import { links } from "../lib/router";
import { hasResults, isLabelledHere } from "./facts";
import { Failed, Loading } from "../ui/notice";
import { Head, useTitle } from "../ui/page";
import { Status, isMoving } from "../ui/status";

const RESTING = 20_000;
const MOVING = 3_000;

/** A job, looked at as often as it changes. */
export function useJob(jobId: string): Polled<TrainingJob> {
  const { training } = useApp();
  return usePolled(
    (signal) => training.show(jobId, signal),
    (job) => (job !== null && isMoving(job.status) ? MOVING : RESTING),
  );
}

interface FrameProps {
  readonly jobId: string;
  readonly page: "job" | "images" | "results" | "try" | "tasks";
  readonly polled: Polled<TrainingJob>;
  readonly actions?: (job: TrainingJob) => ComponentChildren;
  readonly children: (job: TrainingJob) => ComponentChildren;
}

/** What all pages of one job have in common: its name, its state, and the way to the others. */
export function JobFrame({ jobId, page, polled, actions, children }: FrameProps) {
  const job = polled.value;
  useTitle(job?.name ?? "Job");
  if (job === null) {
    return (
      <>
        <Head title="Job" />
        {polled.error === null ? <Loading /> : <Failed error={polled.error} onRetry={polled.refresh} />}
      </>
    );
  }
  const tabs = [
    { page: "job", text: "Overview", href: links.job(jobId), shown: true },
    { page: "images", text: "Images", href: links.jobPage(jobId, "images"), shown: job.status === "CREATED" },
    { page: "tasks", text: "Labelling", href: links.jobPage(jobId, "tasks"), shown: isLabelledHere(job) },
    { page: "results", text: "Results", href: links.jobPage(jobId, "results"), shown: hasResults(job) },
    { page: "try", text: "Try", href: links.jobPage(jobId, "try"), shown: job.status === "RUNNING" },
  ].filter((tab) => tab.shown || tab.page === page);
  return (
    <>
      <Head
        title={job.name ?? "Unnamed job"}
        facts={
          <>
            <Status status={job.status} />
            <span class="mono wrap-anywhere">{job.jobId}</span>
            {job.attempt > 1 && <span>attempt {job.attempt}</span>}
          </>
        }
      >
        {actions?.(job)}
      </Head>
      <nav class="tabs" aria-label="Pages of this job">
        {tabs.map((tab) => (
          <a key={tab.page} href={tab.href} aria-current={tab.page === page ? "page" : undefined}>
            {tab.text}
          </a>
        ))}
      </nav>
      <div class="stack">
        <Failed error={polled.error} onRetry={polled.refresh} />
        {children(job)}
      </div>
    </>
  );
}
