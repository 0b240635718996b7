import { useApp } from "../app-context";
import { count } from "../lib/format";
import { usePolled } from "../lib/polling";
import { links } from "../lib/router";
import { Failed, Loading } from "../ui/notice";
import { Head, useTitle } from "../ui/page";

/** The jobs whose images wait for this person's or anybody's boxes. */
export function LabellingPage() {
  useTitle("Label");
  const { labelling, training } = useApp();
  const waiting = usePolled(
    async (signal) => {
      const [{ jobs }, named] = await Promise.all([
        labelling.jobs(signal),
        training.list({ status: "LABELLING", limit: 100 }, signal),
      ]);
      const names = new Map(named.jobs.map((job) => [job.jobId, job.name]));
      return { jobs: jobs.map((job) => ({ ...job, name: names.get(job.jobId) })) };
    },
    () => 15_000,
  );
  const jobs = waiting.value?.jobs ?? null;
  return (
    <>
      <Head title="Label" />
      <div class="stack">
        <Failed error={waiting.error} onRetry={waiting.refresh} />
        {jobs === null && waiting.error === null && <Loading />}
        {jobs?.length === 0 && (
          <div class="panel empty">
            <h2>No images wait for boxes</h2>
            <p class="quiet">
              Jobs whose images are labelled on this page turn up here once they are started.
            </p>
          </div>
        )}
        {jobs?.map((job) => (
          <section key={job.jobId} class="panel waiting-job" aria-label={job.labels.join(", ")}>
            <div>
              <h2 class="wrap-anywhere">{job.name ?? job.labels.join(" · ")}</h2>
              <p class="quiet small wrap-anywhere">
                {job.labels.join(" · ")} · <a href={links.job(job.jobId)}>job</a>
                {job.isLead && (
                  <>
                    {" · "}
                    <a href={links.jobPage(job.jobId, "tasks")}>all images</a>
                  </>
                )}
              </p>
            </div>
            <div class="waiting-progress">
              <progress
                class="progress"
                max={Math.max(1, job.images)}
                value={job.done}
                aria-label="Labelled"
              />
              <p class="small quiet">
                {count(job.done)} of {count(job.images)} · {count(job.mine)} by you
                {job.workersPerImage > 1 && ` · ${job.workersPerImage} people each`}
              </p>
            </div>
            <a class="button primary" href={links.label(job.jobId)}>
              Label
            </a>
          </section>
        ))}
      </div>
    </>
  );
}
