import { useEffect, useRef, useState } from "preact/hooks";
import type { TrainingJobSummary } from "../api/types";
import { useApp } from "../app-context";
import { links } from "../lib/router";
import { Failed } from "../ui/notice";
import { Head, useTitle } from "../ui/page";
import { type Draft, EMPTY, faultsOf, requestOf, whyLabelRefused } from "./form";

const KEPT = "console.new-job";

interface Kept {
  readonly draft: Draft;
  /** The same for the same draft, so that a second press makes no second job. */
  readonly key: string;
}

export function NewJobPage() {
  useTitle("New job");
  const { training } = useApp();
  const { draft, key, change, done } = useDraft();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const faults = faultsOf(draft);
  const faulty = Object.keys(faults).length > 0;

  const create = async (event: Event) => {
    event.preventDefault();
    if (faulty) return;
    setBusy(true);
    setError(null);
    try {
      const job = await training.create(requestOf(draft), key);
      done();
      location.hash = links.jobPage(job.jobId, "images");
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };

  const numberField = (field: NumberField, label: string, hint: string) => (
    <div class="field">
      <label for={field}>{label}</label>
      <input
        id={field}
        type="text"
        inputMode="decimal"
        value={draft[field]}
        aria-invalid={faults[field] !== undefined}
        aria-describedby={`${field}-hint`}
        onInput={(event) => change({ [field]: event.currentTarget.value })}
      />
      <span id={`${field}-hint`} class={faults[field] ? "fault" : "hint"}>
        {faults[field] ?? hint}
      </span>
    </div>
  );

  return (
    <>
      <Head title="New job" />
      <form class="stack narrow" onSubmit={(event) => void create(event)}>
        <div class="panel stack">
          <div class="field">
            <label for="name">Name</label>
            <input
              id="name"
              type="text"
              maxLength={100}
              value={draft.name}
              placeholder="for example: Passports and ID cards, spring"
              onInput={(event) => change({ name: event.currentTarget.value })}
            />
          </div>
          <Labels labels={draft.labels} onChange={(labels) => change({ labels })} />
        </div>
        <fieldset class="panel">
          <legend class="visually-hidden">Where the boxes come from</legend>
          <h2>Where the boxes come from</h2>
          <div class="choices">
            {BACKENDS.map(({ value, title, hint }) => (
              <label key={value} class="choice">
                <input
                  type="radio"
                  name="backend"
                  value={value}
                  checked={draft.backend === value}
                  onChange={() => change({ backend: value })}
                />
                <strong>{title}</strong>
                <span class="quiet small">{hint}</span>
              </label>
            ))}
          </div>
          {draft.backend === "console" && (
            <Suggestions
              chosen={draft.suggestionsFrom}
              onChange={(suggestionsFrom) => change({ suggestionsFrom })}
            />
          )}
        </fieldset>
        <details class="panel" open={faulty}>
          <summary>Options</summary>
          <div class="options">
            {numberField("minF1", "Quality bar (F1)", "A model below it is not started. Empty: any is.")}
            {numberField("testPercent", "Kept for testing, %", "Of the labelled images, 5 to 50.")}
            {numberField("workersPerImage", "People per image", "1 to 9. Their boxes are averaged.")}
            {numberField("inferenceUnits", "Inference units", "1 to 5. Each is billed by the hour.")}
            {numberField(
              "autoStopMinutes",
              "Stop the model after, minutes",
              "Empty: it runs until somebody stops it.",
            )}
          </div>
        </details>
        <Failed error={error} />
        <div class="row">
          <button type="submit" class="button primary" disabled={busy || faulty}>
            {busy ? "One moment…" : "Create, then add images"}
          </button>
          <span class="quiet small">Creating a job costs nothing.</span>
        </div>
      </form>
    </>
  );
}

type NumberField = "minF1" | "testPercent" | "workersPerImage" | "inferenceUnits" | "autoStopMinutes";

const BACKENDS: readonly {
  readonly value: Draft["backend"];
  readonly title: string;
  readonly hint: string;
}[] = [
  { value: "", title: "As this deployment is set up", hint: "The default that its operators chose." },
  {
    value: "console",
    title: "People label on this page",
    hint: "Anybody who may sign in draws boxes under Label.",
  },
  {
    value: "import",
    title: "They exist already",
    hint: "COCO, a manifest, or Pascal VOC; uploaded beside the images.",
  },
  {
    value: "ground-truth",
    title: "SageMaker Ground Truth",
    hint: "A work team labels in AWS; each image is billed. Closed to new AWS customers.",
  },
];

/** A draft that outlasts a reload and a sign-in. */
function useDraft() {
  const [kept, setKept] = useState<Kept>(() => {
    const raw = sessionStorage.getItem(KEPT);
    const before = raw === null ? null : (JSON.parse(raw) as Kept);
    return before ?? { draft: EMPTY, key: crypto.randomUUID() };
  });
  useEffect(() => sessionStorage.setItem(KEPT, JSON.stringify(kept)), [kept]);
  return {
    ...kept,
    change: (changes: Partial<Draft>) =>
      setKept((before) => ({ draft: { ...before.draft, ...changes }, key: crypto.randomUUID() })),
    done: () => {
      const fresh = { draft: EMPTY, key: crypto.randomUUID() };
      setKept(fresh);
      sessionStorage.removeItem(KEPT);
    },
  };
}

interface SuggestionsProps {
  readonly chosen: string;
  readonly onChange: (jobId: string) => void;
}

/** A running model that knows the types can draw first; people then only correct. */
function Suggestions({ chosen, onChange }: SuggestionsProps) {
  const { training } = useApp();
  const [running, setRunning] = useState<readonly TrainingJobSummary[]>([]);
  useEffect(() => {
    const left = new AbortController();
    training.list({ status: "RUNNING", limit: 100 }, left.signal).then(
      (list) => setRunning(list.jobs),
      // Without the list nothing is offered, which is the default.
      () => undefined,
    );
    return () => left.abort();
  }, [training]);
  if (running.length === 0) return null;
  return (
    <div class="field gap-above">
      <label for="suggestions">Boxes offered to begin with</label>
      <select id="suggestions" value={chosen} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">None</option>
        {running.map((job) => (
          <option key={job.jobId} value={job.jobId}>
            By the running model of {job.name ?? job.jobId}: {job.labels.join(", ")}
          </option>
        ))}
      </select>
      <span class="hint">
        People see them dashed and correct them. The model has to know all of the types above.
      </span>
    </div>
  );
}

interface LabelsProps {
  readonly labels: readonly string[];
  readonly onChange: (labels: readonly string[]) => void;
}

function Labels({ labels, onChange }: LabelsProps) {
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const add = () => {
    const label = typed.trim();
    if (label === "") return;
    const why = whyLabelRefused(label, labels);
    setFault(why);
    if (why !== null) return;
    onChange([...labels, label]);
    setTyped("");
  };
  return (
    <div class="field">
      <label for="label">Document types</label>
      {labels.length > 0 && (
        <ul class="row" aria-label="Chosen types">
          {labels.map((label) => (
            <li key={label} class="chip">
              {label}
              <button
                type="button"
                class="remove"
                aria-label={`Remove ${label}`}
                onClick={() => {
                  onChange(labels.filter((other) => other !== label));
                  input.current?.focus();
                }}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="with-button">
        <input
          id="label"
          ref={input}
          type="text"
          value={typed}
          aria-invalid={fault !== null}
          aria-describedby="label-hint"
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setFault(null);
          }}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || typed.trim() === "") return;
            event.preventDefault();
            add();
          }}
        />
        <button type="button" class="button" onClick={add}>
          Add
        </button>
      </div>
      <span id="label-hint" class={fault ? "fault" : "hint"}>
        {fault ??
          "What the model tells apart, for example passport. Without any: the deployment’s own types."}
      </span>
    </div>
  );
}
