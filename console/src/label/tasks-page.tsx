import { useState } from "preact/hooks";
import { isNotBegun } from "../api/errors";
import type { LabellingProgress, TaskSummary } from "../api/types";
import type { TrainingJob } from "../api/types";
import { useApp } from "../app-context";
import { isWorkerName } from "../auth/identity";
import { JobFrame, useJob } from "../job/use-job";
import { count, counted } from "../lib/format";
import { usePolled } from "../lib/polling";
import { links } from "../lib/router";
import { Confirm } from "../ui/dialog";
import { Failed, Loading, Notice } from "../ui/notice";

/** How a job's labelling goes, and what whoever leads it can do about it. */
export function TasksPage({ jobId }: { readonly jobId: string }) {
  const polled = useJob(jobId);
  return (
    <JobFrame jobId={jobId} page="tasks" polled={polled}>
      {(job) => <Labelling job={job} />}
    </JobFrame>
  );
}

function Labelling({ job }: { readonly job: TrainingJob }) {
  const { labelling } = useApp();
  const progress = usePolled(
    (signal) =>
      labelling.progress(job.jobId, signal).catch((error: unknown) => {
        if (isNotBegun(error) && job.status === "LABELLING") return "not begun" as const;
        throw error;
      }),
    () => (job.status === "LABELLING" ? 5_000 : null),
  );
  const shown = progress.value;
  if (shown === null) {
    return progress.error === null ? (
      <Loading />
    ) : (
      <Failed error={progress.error} onRetry={progress.refresh} />
    );
  }
  if (shown === "not begun" || shown.state === "preparing") {
    return <Notice>The images are being checked; then they can be labelled.</Notice>;
  }
  return (
    <>
      <Progress job={job} progress={shown} onChanged={progress.refresh} />
      {shown.isLead ? (
        <Tasks
          jobId={job.jobId}
          open={shown.state === "open"}
          people={shown.people.map(({ worker }) => worker)}
        />
      ) : (
        <Notice>Only a lead sees all images and can give them out again.</Notice>
      )}
    </>
  );
}

interface ProgressProps {
  readonly job: TrainingJob;
  readonly progress: LabellingProgress;
  readonly onChanged: () => void;
}

function Progress({ job, progress, onChanged }: ProgressProps) {
  const { labelling } = useApp();
  const [asked, setAsked] = useState(false);
  const { images, done, leased, open } = progress;
  const finish = async () => {
    await labelling.finish(job.jobId);
    onChanged();
  };
  return (
    <section class="panel" aria-labelledby="progress">
      <header>
        <h2 id="progress">
          {count(done)} of {counted(images, "image")} labelled
        </h2>
        {progress.state === "open" && (
          <div class="row">
            <a class="button small primary" href={links.label(job.jobId)}>
              Label
            </a>
            {progress.isLead && (
              <button type="button" class="button small danger" onClick={() => setAsked(true)}>
                Finish now…
              </button>
            )}
          </div>
        )}
      </header>
      <progress class="progress" max={Math.max(1, images)} value={done} aria-label="Labelled" />
      <p class="small quiet gap-above">
        {count(leased)} in people’s hands, {count(open)} open
        {progress.workersPerImage > 1 && ` · ${progress.workersPerImage} people per image`}
      </p>
      {progress.people.length > 0 && (
        <ul class="row gap-above" aria-label="Answers by person">
          {progress.people.map(({ worker, answers }) => (
            <li key={worker} class="chip">
              {worker} <b>{count(answers)}</b>
            </li>
          ))}
        </ul>
      )}
      {asked && (
        <Confirm
          title="End the labelling now?"
          action="End it"
          danger
          onConfirm={finish}
          onClose={() => setAsked(false)}
        >
          <p>
            <strong>This cannot be undone.</strong> The job goes on with the {counted(done, "image")} labelled
            so far; {counted(images - done, "image")} {images - done === 1 ? "stays" : "stay"} without boxes,
            and answers to them are no longer taken.
          </p>
        </Confirm>
      )}
    </section>
  );
}

const STATES = { open: "open", assigned: "assigned", leased: "in somebody’s hands", done: "done" } as const;

interface TasksProps {
  readonly jobId: string;
  readonly open: boolean;
  readonly people: readonly string[];
}

function Tasks({ jobId, open, people }: TasksProps) {
  const { labelling } = useApp();
  const [state, setState] = useState<keyof typeof STATES | "">("");
  return (
    <section class="panel" aria-labelledby="tasks">
      <header>
        <h2 id="tasks">Images</h2>
        <label class="row">
          <span class="quiet">State</span>
          <select value={state} onChange={(event) => setState(event.currentTarget.value as typeof state)}>
            <option value="">All</option>
            {Object.entries(STATES).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </header>
      <TaskList
        key={state}
        open={open}
        jobId={jobId}
        people={people}
        load={(page, signal) => labelling.tasks(jobId, { state, ...page }, signal)}
      />
    </section>
  );
}

interface TaskListProps extends TasksProps {
  readonly load: (
    page: { nextToken: string | null },
    signal: AbortSignal,
  ) => Promise<{ tasks: readonly TaskSummary[]; nextToken?: string | null }>;
}

function TaskList({ jobId, open, people, load }: TaskListProps) {
  const [pages, setPages] = useState(1);
  const [asked, setAsked] = useState<{ task: TaskSummary; what: "reopen" | "assign" } | null>(null);
  const list = usePolled(
    async (signal) => {
      const tasks: TaskSummary[] = [];
      let nextToken: string | null = null;
      for (let page = 0; page < pages; page += 1) {
        const answer = await load({ nextToken }, signal);
        tasks.push(...answer.tasks);
        nextToken = answer.nextToken ?? null;
        if (nextToken === null) break;
      }
      return { tasks, more: nextToken !== null };
    },
    () => (open ? 10_000 : null),
  );
  if (list.value === null)
    return list.error === null ? <Loading /> : <Failed error={list.error} onRetry={list.refresh} />;
  const { tasks, more } = list.value;
  return (
    <>
      <Failed error={list.error} />
      {tasks.length === 0 && <p class="quiet">No image is in this state{more ? " so far" : ""}.</p>}
      <ul class="tasks">
        {tasks.map((task) => (
          <li key={task.taskId}>
            <span class="mono wrap-anywhere">{task.filename}</span>
            <span class="small quiet wrap-anywhere">
              {STATES[task.state]} {task.state === "done" ? task.answeredBy.join(", ") : task.worker}
            </span>
            {open && (
              <span class="row">
                {task.state !== "done" && (
                  <button
                    type="button"
                    class="button small plain"
                    onClick={() => setAsked({ task, what: "assign" })}
                  >
                    Assign…
                  </button>
                )}
                {task.answers > 0 && (
                  <button
                    type="button"
                    class="button small plain"
                    onClick={() => setAsked({ task, what: "reopen" })}
                  >
                    Label again…
                  </button>
                )}
              </span>
            )}
          </li>
        ))}
      </ul>
      {more && (
        <button
          type="button"
          class="button gap-above"
          onClick={() => {
            setPages(pages + 1);
            list.refresh();
          }}
        >
          Show more
        </button>
      )}
      {asked?.what === "reopen" && (
        <Reopen jobId={jobId} task={asked.task} onDone={list.refresh} onClose={() => setAsked(null)} />
      )}
      {asked?.what === "assign" && (
        <Assign
          jobId={jobId}
          task={asked.task}
          people={people}
          onDone={list.refresh}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

interface TaskDialogProps {
  readonly jobId: string;
  readonly task: TaskSummary;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function Reopen({ jobId, task, onDone, onClose }: TaskDialogProps) {
  const { labelling } = useApp();
  const reopen = async () => {
    await labelling.reopen(jobId, task.taskId);
    onDone();
  };
  return (
    <Confirm
      title="Label this image again?"
      action="Throw the answers away"
      danger
      onConfirm={reopen}
      onClose={onClose}
    >
      <p class="mono wrap-anywhere">{task.filename}</p>
      <p>
        {counted(task.answers, "answer")} {task.answers === 1 ? "is" : "are"} thrown away, which cannot be
        undone, and the image is given out again.
      </p>
    </Confirm>
  );
}

function Assign({ jobId, task, people, onDone, onClose }: TaskDialogProps & Pick<TasksProps, "people">) {
  const { labelling, session } = useApp();
  const [worker, setWorker] = useState(task.worker ?? "");
  const assign = async () => {
    // A signed-in person's name may be any that the sign-in gives; a name that one types oneself may not.
    if (session === null && !isWorkerName(worker))
      throw new Error("Use letters, digits and . _ @ - only, 64 at most.");
    await labelling.assign(jobId, task.taskId, worker);
    onDone();
  };
  return (
    <Confirm title="Who labels this image?" action="Assign" onConfirm={assign} onClose={onClose}>
      <p class="mono wrap-anywhere">{task.filename}</p>
      <div class="field">
        <label for="assignee">Name, as beside the answers</label>
        <input
          id="assignee"
          type="text"
          required
          list="people"
          value={worker}
          onInput={(event) => setWorker(event.currentTarget.value)}
        />
        <datalist id="people">
          {people.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
      {task.state === "leased" && <p>It is taken from whoever has it now; what they drew is not saved.</p>}
    </Confirm>
  );
}
