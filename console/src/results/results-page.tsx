import { useEffect, useState } from "preact/hooks";
import type { EvaluatedImage, LabelMetrics, ModelResults, TrainingJob } from "../api/types";
import { useApp } from "../app-context";
import { JobFrame, useJob } from "../job/use-job";
import { count, counted, percent, share } from "../lib/format";
import { BoxPicture } from "../ui/box-picture";
import { Failed, Loading, Notice } from "../ui/notice";
import { judge } from "./matching";
import "../styles/results.css";

export function ResultsPage({ jobId }: { readonly jobId: string }) {
  const polled = useJob(jobId);
  return (
    <JobFrame jobId={jobId} page="results" polled={polled}>
      {(job) =>
        job.model?.labels.length ? (
          <>
            <Measures job={job} labels={job.model.labels} />
            <TestImages jobId={jobId} />
          </>
        ) : (
          <Notice>The model is not trained yet, so there is nothing to measure.</Notice>
        )
      }
    </JobFrame>
  );
}

function Measures({ job, labels }: { readonly job: TrainingJob; readonly labels: readonly LabelMetrics[] }) {
  const split = new Map((job.dataset?.split ?? []).map((one) => [one.label, one]));
  return (
    <section class="panel" aria-labelledby="measures">
      <header>
        <h2 id="measures">
          F1 <span class="f1">{share(job.model?.f1)}</span>
        </h2>
        <span class="small quiet">
          {typeof job.model?.minF1 === "number" && `asked for ${share(job.model.minF1)} · `}
          {typeof job.dataset?.trainEntries === "number" &&
            `trained on ${count(job.dataset.trainEntries)}, tested on ${counted(job.dataset.testEntries ?? 0, "image")}`}
        </span>
      </header>
      <div class="scroll-x" tabIndex={0} role="region" aria-label="Measures of each type">
        <table class="measures">
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col">F1</th>
              <th scope="col">Precision</th>
              <th scope="col">Recall</th>
              <th scope="col" class="number">
                Threshold
              </th>
              <th scope="col" class="number">
                Trained on
              </th>
              <th scope="col" class="number">
                Tested on
              </th>
            </tr>
          </thead>
          <tbody>
            {labels.map((one) => (
              <tr key={one.label}>
                <th scope="row" class="wrap-anywhere">
                  {one.label}
                </th>
                <Bar measure="F1" value={one.f1} strong />
                <Bar measure="Precision" value={one.precision} />
                <Bar measure="Recall" value={one.recall} />
                <td data-column="Threshold" class="number">
                  {share(one.threshold)}
                </td>
                <td data-column="Trained on" class="number">
                  {split.has(one.label) ? count(split.get(one.label)?.train ?? 0) : "–"}
                </td>
                <td data-column="Tested on" class="number">
                  {count(one.testImages)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small quiet">
        Precision: how many of the boxes it drew are right. Recall: how many of the true ones it found. Of a
        box, the model keeps what is at least as sure as the type’s threshold.
      </p>
    </section>
  );
}

interface BarProps {
  readonly measure: string;
  readonly value: number | null | undefined;
  readonly strong?: boolean;
}

function Bar({ measure, value, strong }: BarProps) {
  const width = `${Math.round((value ?? 0) * 100)}%`;
  return (
    <td data-column={measure} class={`bar-cell ${strong ? "strong" : ""}`}>
      <span>{share(value)}</span>
      <div class="meter" aria-hidden="true">
        <i style={{ width }} />
      </div>
    </td>
  );
}

function TestImages({ jobId }: { readonly jobId: string }) {
  const { training } = useApp();
  const [pages, setPages] = useState<readonly ModelResults[]>([]);
  const [wanted, setWanted] = useState(1);
  const [error, setError] = useState<unknown>(null);
  const next = pages.at(-1)?.nextToken ?? null;

  useEffect(() => {
    const left = new AbortController();
    training.results(jobId, { nextToken: next, limit: 24 }, left.signal).then(
      (page) => {
        setPages([...pages, page]);
        setError(null);
      },
      (thrown: unknown) => {
        if (!left.signal.aborted) setError(thrown);
      },
    );
    return () => left.abort();
    // `wanted` alone says that one more page is to come.
  }, [jobId, wanted]);

  const images = pages.flatMap((page) => page.images);
  return (
    <section aria-labelledby="images">
      <header class="list-head">
        <h2 id="images">Test images, the worst first</h2>
        <ul class="legend small" aria-label="How boxes are drawn">
          <li class="truth">true</li>
          <li class="right">predicted</li>
          <li class="wrong">predicted wrongly</li>
          <li class="missed">missed</li>
        </ul>
      </header>
      <Failed error={error} onRetry={() => setWanted(wanted + 1)} />
      {pages.length === 0 && error === null && <Loading />}
      <ul class="pictures">
        {images.map((image) => (
          <li key={image.filename}>
            <TestImage image={image} />
          </li>
        ))}
      </ul>
      {next !== null && (
        <div class="row gap-above">
          <button type="button" class="button" onClick={() => setWanted(wanted + 1)}>
            Show more
          </button>
          <span class="quiet">
            {count(images.length)} of {count(pages[0]?.total ?? images.length)}
          </span>
        </div>
      )}
    </section>
  );
}

function TestImage({ image }: { readonly image: EvaluatedImage }) {
  const { truth, predictions } = judge(image.truth, image.predictions);
  const missed = truth.filter(({ found }) => !found);
  const wrong = predictions.filter(({ right }) => !right);
  const drawn = [
    ...truth.map(({ box, found }) => ({ box, kind: found ? ("truth" as const) : ("missed" as const) })),
    ...predictions.map(({ box, right }) => ({ box, kind: right ? ("right" as const) : ("wrong" as const) })),
  ];
  return (
    <figure class="panel test-image">
      <BoxPicture
        url={image.imageUrl ?? null}
        width={image.width}
        height={image.height}
        boxes={drawn}
        alt={`Test image ${image.filename}`}
      />
      <figcaption>
        <span class="mono wrap-anywhere">{image.filename}</span>
        <ul class="small">
          {missed.map(({ box }, place) => (
            <li key={`missed ${place}`} class="fault">
              missed {box.label}
            </li>
          ))}
          {predictions.map(({ box, right }, place) => (
            <li key={place} class={right ? "quiet" : "fault"}>
              {right ? "" : "wrong: "}
              {box.label} {percent(box.confidence)}
            </li>
          ))}
          {missed.length + wrong.length === 0 && predictions.length === 0 && (
            <li class="quiet">rightly nothing</li>
          )}
        </ul>
      </figcaption>
    </figure>
  );
}
