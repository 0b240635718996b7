import { useEffect, useMemo, useState } from "preact/hooks";
import type { TrainingJob } from "../api/types";
import { useApp } from "../app-context";
import { StartDialog } from "../job/start-dialog";
import { JobFrame, useJob } from "../job/use-job";
import { bytes, count, counted } from "../lib/format";
import { links } from "../lib/router";
import { Notice } from "../ui/notice";
import { VirtualList } from "../ui/virtual-list";
import { Annotations } from "./annotations";
import { DropZone } from "./drop-zone";
import { checkImage, readerOf } from "./image-head";
import { IndexedLedger } from "./ledger";
import { putFile } from "./put";
import { type Item, type ItemState, Uploader } from "./uploader";

export function ImagesPage({ jobId }: { readonly jobId: string }) {
  const polled = useJob(jobId);
  return (
    <JobFrame jobId={jobId} page="images" polled={polled}>
      {(job) =>
        job.status === "CREATED" ? (
          <Images job={job} />
        ) : (
          <Notice>
            The job has started and takes no more images. <a href={links.job(jobId)}>See how it goes.</a>
          </Notice>
        )
      }
    </JobFrame>
  );
}

function Images({ job }: { readonly job: TrainingJob }) {
  const { uploader, before } = useUploader(job.jobId);
  const [asked, setAsked] = useState(false);
  const [annotating, setAnnotating] = useState(false);
  const imports = job.labellingBackend === "import";
  const uploaded = Math.max(uploader.count("done"), before);
  return (
    <>
      {before > 0 && uploader.items.length === 0 && (
        <Notice>
          {counted(before, "image")} {before === 1 ? "was" : "were"} uploaded from this browser. If the upload
          was interrupted, drop the same folder again: it goes on where it was.
        </Notice>
      )}
      <DropZone onPicked={(picked) => uploader.add(picked)} />
      {uploader.items.length > 0 && <Progress uploader={uploader} />}
      {imports && <Annotations jobId={job.jobId} onBusy={setAnnotating} />}
      <div class="panel start">
        <div>
          {/* Others, and the command line, may have uploaded more: whether there are any, the API knows. */}
          <strong>
            {uploaded === 0
              ? "None uploaded from this browser yet"
              : `${counted(uploaded, "image")} uploaded`}
          </strong>
          <p class="quiet small">
            A good model wants at least some dozens of images of each type: {job.labels.join(", ")}.
          </p>
        </div>
        <button
          type="button"
          class="button primary"
          disabled={uploader.busy || annotating}
          onClick={() => setAsked(true)}
        >
          Start…
        </button>
      </div>
      {asked && <StartDialog job={job} images={uploaded} onClose={() => setAsked(false)} />}
    </>
  );
}

/** The uploader of a job, told of anew whenever something changes, and how many images were uploaded before. */
function useUploader(jobId: string) {
  const { training } = useApp();
  const [, redraw] = useState(0);
  const [before, setBefore] = useState(0);
  const [uploader, ledger] = useMemo(() => {
    const kept = new IndexedLedger(indexedDB);
    const made = new Uploader({
      jobId,
      urls: (names, renew) => training.urls(jobId, names, renew),
      put: putFile,
      check: (file) => checkImage(file.size, readerOf(file)),
      ledger: kept,
      now: () => Date.now(),
      online: () => navigator.onLine,
    });
    return [made, kept] as const;
  }, [jobId, training]);

  useEffect(() => {
    const unsubscribe = uploader.subscribe(() => redraw((version) => version + 1));
    const online = () => uploader.wake();
    const leaving = (event: BeforeUnloadEvent) => {
      if (uploader.busy) event.preventDefault();
    };
    addEventListener("online", online);
    addEventListener("beforeunload", leaving);
    void ledger.load(jobId).then(
      (known) => setBefore(known.size),
      () => undefined,
    );
    return () => {
      unsubscribe();
      uploader.stop();
      removeEventListener("online", online);
      removeEventListener("beforeunload", leaving);
    };
  }, [uploader, ledger, jobId]);
  return { uploader, before };
}

const FILTERS: readonly { readonly text: string; readonly states: readonly ItemState[] | null }[] = [
  { text: "All", states: null },
  { text: "Uploading", states: ["uploading", "waiting", "checking"] },
  { text: "Uploaded", states: ["done"] },
  { text: "Refused", states: ["refused"] },
  { text: "Failed", states: ["failed"] },
];

function Progress({ uploader }: { readonly uploader: Uploader }) {
  const [filter, setFilter] = useState(0);
  const states = FILTERS[filter]?.states ?? null;
  const shown =
    states === null ? uploader.items : uploader.items.filter((item) => states.includes(item.state));
  const { sent, total } = uploader.bytes;
  const failed = uploader.count("failed");
  const renamable = uploader.items.filter((item) => item.state === "refused" && item.renamable).length;
  const usable = uploader.items.length - uploader.count("refused");
  return (
    <section class="panel" aria-label="Upload">
      <header>
        <strong role="status">
          {uploader.busy
            ? `${count(uploader.count("done"))} of ${counted(usable, "image")} uploaded`
            : `${counted(uploader.count("done"), "image")} uploaded${failed > 0 ? `, ${count(failed)} failed` : ""}`}
        </strong>
        <span class="quiet">
          {bytes(sent)} of {bytes(total)}
        </span>
      </header>
      <progress class="progress" max={Math.max(1, total)} value={sent} aria-label="Uploaded" />
      {uploader.halted !== null && <Notice kind="bad">{uploader.halted}</Notice>}
      <div class="row filters">
        {FILTERS.map(({ text, states: of }, place) => {
          const number =
            of === null ? uploader.items.length : of.reduce((sum, state) => sum + uploader.count(state), 0);
          return (
            <button
              key={text}
              type="button"
              class="button small plain"
              aria-pressed={filter === place}
              onClick={() => setFilter(place)}
            >
              {text} <span class="quiet">{count(number)}</span>
            </button>
          );
        })}
        <span class="grow" />
        {renamable > 0 && (
          <button type="button" class="button small" onClick={() => uploader.rename()}>
            Add {count(renamable)} under other names
          </button>
        )}
        {failed > 0 && (
          <button type="button" class="button small primary" onClick={() => uploader.retry()}>
            Retry {counted(failed, "failed upload")}
          </button>
        )}
      </div>
      <VirtualList
        items={shown}
        rowHeight={ROW}
        label="Files"
        keyOf={(item) => item.id}
        row={(item) => <FileRow item={item} />}
      />
    </section>
  );
}

const ROW = 46;

const TOLD: Readonly<Record<ItemState, string>> = {
  checking: "being checked",
  waiting: "waits",
  uploading: "",
  done: "uploaded",
  failed: "failed",
  refused: "refused",
};

function FileRow({ item }: { readonly item: Item }) {
  const renamed = item.name !== item.path.slice(item.path.lastIndexOf("/") + 1);
  return (
    <div class={`file ${item.state}`}>
      <div class="file-name" title={item.path}>
        <span>{item.name}</span>
        {(item.reason !== null || renamed) && (
          <span class="small why" title={item.reason ?? undefined}>
            {item.reason ?? `from ${item.path}`}
          </span>
        )}
      </div>
      <span class="small quiet number">{item.size && `${item.size.width} × ${item.size.height}`}</span>
      <span class="small quiet number">{bytes(item.file.size)}</span>
      {item.state === "uploading" ? (
        <progress
          class="progress"
          max={Math.max(1, item.file.size)}
          value={item.sent}
          aria-label={item.name}
        />
      ) : (
        <span class="small told">{TOLD[item.state]}</span>
      )}
    </div>
  );
}
