import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useApp } from "../app-context";
import { count } from "../lib/format";
import { links } from "../lib/router";
import { loadStored } from "../lib/stored-image";
import { Failed, Loading } from "../ui/notice";
import { useTitle } from "../ui/page";
import { Bench, type BenchState } from "./bench";
import type { EditedBox } from "./boxes";
import { colourOf } from "./colours";
import { Drafts } from "./drafts";
import type { Editing } from "./editing";
import { Help } from "./help";
import { type Command, commandOf, isOncePerPress } from "./keys";
import { Stage, type StageControls } from "./stage";
import "../styles/label.css";

export function BenchPage({ jobId }: { readonly jobId: string }) {
  useTitle("Label");
  const { bench, state } = useBench(jobId);
  const controls = useRef<StageControls>(null);
  const [help, setHelp] = useState(false);
  const run = (command: Command) => runOn(bench, controls, command, () => setHelp(true));
  useKeys(run);
  return (
    <div class="bench">
      <h1 class="visually-hidden">Label images</h1>
      <BenchBar jobId={jobId} state={state} run={run} />
      {state.notice !== null && (
        <p class={`bench-notice ${state.notice.passing ? "passing" : ""}`} role="alert">
          {state.notice.text}
        </p>
      )}
      <Work state={state} bench={bench} controls={controls} jobId={jobId} run={run} />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

interface WorkProps {
  readonly state: BenchState;
  readonly bench: Bench;
  readonly controls: RefObject<StageControls | null>;
  readonly jobId: string;
  readonly run: (command: Command) => void;
}

function Work({ state, bench, controls, jobId, run }: WorkProps) {
  const { image, editing, task } = state;
  if (state.phase === "failed") {
    return (
      <div class="bench-message">
        <Failed error={state.error} onRetry={() => bench.tryAgain()} />
      </div>
    );
  }
  if (state.phase === "not begun") return <NotBegun jobId={jobId} />;
  if (state.phase === "nothing left") return <NothingLeft jobId={jobId} state={state} />;
  if (image === null || editing === null || task === null) {
    return (
      <div class="bench-message">
        <Loading />
      </div>
    );
  }
  return (
    <>
      <Stage
        key={task.taskId}
        image={image}
        editing={editing}
        controls={controls}
        hands={{
          onDrawn: (id, rect) => bench.change({ type: "drawn", id, rect }),
          onDragged: (id, rect) => bench.change({ type: "dragged", id, rect, at: Date.now() }),
          onSelected: (id) => bench.change({ type: "selected", id }),
        }}
      />
      <Tools
        editing={editing}
        bench={bench}
        busy={state.saving || state.goingBack}
        saving={state.saving}
        run={run}
      />
      <Announcer editing={editing} />
    </>
  );
}

function BenchBar({ jobId, state, run }: Pick<WorkProps, "jobId" | "state" | "run">) {
  const { progress, task } = state;
  return (
    <header class="bench-bar">
      <a class="button small plain" href={links.labelling}>
        ← Leave
      </a>
      <span class="bench-file" title={task?.filename}>
        {task?.filename}
      </span>
      {progress !== null && (
        <span class="bench-progress">
          <progress
            class="progress"
            max={Math.max(1, progress.images)}
            value={progress.done}
            aria-label="Labelled"
          />
          <span class="quiet">
            {count(progress.done)} of {count(progress.images)}
          </span>
        </span>
      )}
      <span class="row">
        {(["-", "+"] as const).map((sign) => (
          <button
            key={sign}
            type="button"
            class="button small plain"
            aria-label={sign === "+" ? "Zoom in" : "Zoom out"}
            onClick={() => run({ do: "zoom", factor: sign === "+" ? 1.25 : 0.8 })}
          >
            {sign === "+" ? "+" : "−"}
          </button>
        ))}
        <button type="button" class="button small plain" onClick={() => run({ do: "fit" })}>
          Fit
        </button>
        <button type="button" class="button small plain" onClick={() => run({ do: "help" })}>
          Keys
        </button>
      </span>
      <a class="visually-hidden" href={links.job(jobId)}>
        The job
      </a>
    </header>
  );
}

interface ToolsProps {
  readonly editing: Editing;
  readonly bench: Bench;
  /** Whether an answer is on its way, to the server or back. */
  readonly busy: boolean;
  readonly saving: boolean;
  readonly run: (command: Command) => void;
}

function Tools({ editing, bench, busy, saving, run }: ToolsProps) {
  const chosen = editing.boxes.find((box) => box.id === editing.selected);
  return (
    <aside class="tools" aria-label="Labelling tools">
      <div class="types" role="group" aria-label="Document type">
        {editing.labels.map((label, place) => (
          <button
            key={label}
            type="button"
            class="type"
            aria-pressed={(chosen?.label ?? editing.label) === label}
            onClick={() => bench.change({ type: "labelled", label })}
          >
            <i class="swatch" style={{ background: colourOf(label, editing.labels) }} />
            <span>{label}</span>
            {place < 9 && <kbd>{place + 1}</kbd>}
          </button>
        ))}
      </div>
      <div class="box-list">
        <div class="row">
          <h2>Boxes</h2>
          <button type="button" class="button small" onClick={() => run({ do: "new" })}>
            New <kbd>N</kbd>
          </button>
        </div>
        {editing.boxes.length === 0 && <p class="quiet small">Draw a box round each document.</p>}
        <ul>
          {editing.boxes.map((box, place) => (
            <li key={box.id}>
              <button
                type="button"
                class="box-item"
                aria-pressed={box.id === editing.selected}
                onClick={() => bench.change({ type: "selected", id: box.id })}
              >
                <i class="swatch" style={{ background: colourOf(box.label, editing.labels) }} />
                <span>
                  {boxName(box, place)}
                  <small class="quiet">{box.suggested ? "offered" : `${box.width} × ${box.height}`}</small>
                </span>
              </button>
            </li>
          ))}
        </ul>
        <div class="row">
          <button type="button" class="button small" disabled={!chosen} onClick={() => run({ do: "delete" })}>
            Delete
          </button>
          <button
            type="button"
            class="button small"
            disabled={editing.past.length === 0}
            onClick={() => run({ do: "take back" })}
          >
            Undo
          </button>
        </div>
      </div>
      <div class="decide">
        <button
          type="button"
          class="button primary"
          disabled={busy || editing.boxes.length === 0}
          onClick={() => run({ do: "submit" })}
        >
          {saving ? "Saving…" : "Save, next"} <kbd>↵</kbd>
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => run({ do: "no document" })}>
          No document <kbd>X</kbd>
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => run({ do: "cannot tell" })}>
          Cannot tell <kbd>C</kbd>
        </button>
        <button type="button" class="button plain" disabled={busy} onClick={() => run({ do: "previous" })}>
          Previous <kbd>P</kbd>
        </button>
      </div>
    </aside>
  );
}

function boxName(box: EditedBox, place: number): string {
  return `${place + 1} ${box.label}`;
}

/** Says aloud what becomes of the chosen box. */
function Announcer({ editing }: { readonly editing: Editing }) {
  const place = editing.boxes.findIndex((box) => box.id === editing.selected);
  const box = editing.boxes[place];
  const told =
    box === undefined
      ? `No box is chosen. The next one is ${editing.label}.`
      : `Box ${boxName(box, place)}: ${box.width} by ${box.height} pixels, ${box.left} from the left, ${box.top} from the top.`;
  return (
    <p class="visually-hidden" role="status">
      {told}
    </p>
  );
}

function NotBegun({ jobId }: Pick<WorkProps, "jobId">) {
  return (
    <div class="bench-message">
      <div class="panel empty" role="status">
        <h2>No images yet</h2>
        <p class="quiet">
          The images of a job that has just started are checked first. This page goes on by itself; a job that
          is not labelled here has none.
        </p>
        <a class="button" href={links.job(jobId)}>
          See the job
        </a>
      </div>
    </div>
  );
}

function NothingLeft({ jobId, state }: Pick<WorkProps, "jobId" | "state">) {
  const { progress } = state;
  const all = progress !== null && progress.done >= progress.images;
  return (
    <div class="bench-message">
      <div class="panel empty">
        <h2>{all ? "All images are labelled" : "Nothing is left for you"}</h2>
        <p class="quiet">
          {all
            ? "Thank you. The dataset and the training come next, by themselves."
            : "Other people have the remaining images. Should one be given back, it turns up here by itself."}
        </p>
        <a class="button primary" href={links.job(jobId)}>
          See the job
        </a>
      </div>
    </div>
  );
}

function runOn(
  bench: Bench,
  controls: RefObject<StageControls | null>,
  command: Command,
  onHelp: () => void,
): void {
  const at = Date.now();
  switch (command.do) {
    case "label": {
      const label = bench.state.editing?.labels[command.place];
      if (label !== undefined) bench.change({ type: "labelled", label });
      return;
    }
    case "move":
      return bench.change({ type: "moved", dx: command.dx, dy: command.dy, at });
    case "resize":
      return bench.change({ type: "resized", dx: command.dx, dy: command.dy, at });
    case "cycle":
      return bench.change({ type: "cycled", by: command.by });
    case "new": {
      const seen = controls.current?.seen();
      if (seen !== undefined) bench.change({ type: "added", id: crypto.randomUUID(), seen });
      return;
    }
    case "delete":
      return bench.change({ type: "deleted" });
    case "take back":
      return bench.change({ type: "taken back" });
    case "let go":
      controls.current?.cancel();
      return bench.change({ type: "selected", id: null });
    case "submit":
      return void bench.submit("boxes");
    case "no document":
      return void bench.submit("no-document");
    case "cannot tell":
      return void bench.submit("cannot-tell");
    case "previous":
      return void bench.previous();
    case "zoom":
      return controls.current?.zoom(command.factor);
    case "fit":
      return controls.current?.fit();
    case "help":
      return onHelp();
  }
}

function useKeys(run: (command: Command) => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (
        document.querySelector("dialog[open]") !== null ||
        target.closest("input, textarea, select") !== null
      )
        return;
      // Enter presses the button that has the focus, and follows the link.
      if (event.key === "Enter" && target.closest("button, a, summary") !== null) return;
      const command = commandOf(event);
      if (command === null) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.repeat && isOncePerPress(command)) return;
      latest.current(command);
    };
    // Before Annotorious, which has an undo of its own.
    addEventListener("keydown", pressed, true);
    return () => removeEventListener("keydown", pressed, true);
  }, []);
}

function useBench(jobId: string) {
  const { labelling } = useApp();
  const person = usePerson();
  const [, redraw] = useState<BenchState | null>(null);
  const bench = useMemo(
    () =>
      new Bench({
        jobId,
        api: labelling,
        drafts: new Drafts(localStorage, person, () => Date.now()),
        loadImage: (url) => loadStored(url),
        dropImage: (image) => URL.revokeObjectURL(image.url),
        now: () => Date.now(),
        onChange: redraw,
      }),
    [jobId, labelling, person],
  );
  useEffect(() => {
    const wake = () => bench.wake();
    addEventListener("online", wake);
    void bench.open();
    return () => {
      removeEventListener("online", wake);
      bench.close();
    };
  }, [bench]);
  return { bench, state: bench.state };
}

/** Whose drafts these are: whoever the API takes the person for, even after another tab has named another one. */
function usePerson(): string {
  const { session, worker } = useApp();
  const [name, setName] = useState(() => worker.get());
  useEffect(() => {
    const look = () => setName(worker.get());
    addEventListener("storage", look);
    return () => removeEventListener("storage", look);
  }, [worker]);
  return (session === null ? name : session.person) ?? "";
}
