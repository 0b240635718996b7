import { useEffect, useRef, useState } from "preact/hooks";
import type { Detection, ScoredBox } from "../api/types";
import { useApp } from "../app-context";
import { JobFrame, useJob } from "../job/use-job";
import { counted, percent } from "../lib/format";
import { links } from "../lib/router";
import { BoxLayer } from "../ui/box-picture";
import { Failed, Notice } from "../ui/notice";
import { type Photo, base64Of, cropName, cropOf, preparePhoto } from "./photo";
import "../styles/results.css";

export function TryPage({ jobId }: { readonly jobId: string }) {
  const polled = useJob(jobId);
  return (
    <JobFrame jobId={jobId} page="try" polled={polled}>
      {(job) =>
        job.status === "RUNNING" ? (
          <Trial jobId={jobId} />
        ) : (
          <Notice>
            The model does not run, so nothing can be tried. <a href={links.job(jobId)}>See the job.</a>
          </Notice>
        )
      }
    </JobFrame>
  );
}

interface Tried {
  readonly photo: Photo;
  readonly url: string;
  /** Null while the model looks. */
  readonly detection: Detection | null;
}

function Trial({ jobId }: { readonly jobId: string }) {
  const { training } = useApp();
  const [tried, setTried] = useState<Tried | null>(null);
  const [error, setError] = useState<unknown>(null);
  const asking = useRef<AbortController | null>(null);

  const look = async (file: File) => {
    asking.current?.abort();
    const asked = new AbortController();
    asking.current = asked;
    setError(null);
    try {
      const photo = await preparePhoto(file);
      const url = URL.createObjectURL(photo.blob);
      setTried({ photo, url, detection: null });
      const detection = await training.detect(jobId, await base64Of(photo.blob), asked.signal);
      setTried({ photo, url, detection });
    } catch (thrown) {
      if (!asked.signal.aborted) setError(thrown);
    }
  };
  useEffect(() => () => asking.current?.abort(), []);
  const shown = tried?.url;
  useEffect(() => () => (shown === undefined ? undefined : URL.revokeObjectURL(shown)), [shown]);

  return (
    <>
      <PhotoDrop onPhoto={(file) => void look(file)} small={tried !== null} />
      <Failed error={error} />
      {tried !== null && (
        <div class="trial">
          <figure class="panel">
            <div class="picture" style={{ aspectRatio: `${tried.photo.width} / ${tried.photo.height}` }}>
              <img src={tried.url} alt={`The photo ${tried.photo.name}`} />
              <BoxLayer
                width={tried.photo.width}
                height={tried.photo.height}
                boxes={(tried.detection?.boxes ?? []).map((box) => ({ box, kind: "right" }))}
              />
            </div>
            <figcaption class="small quiet wrap-anywhere">
              {tried.photo.name} · {tried.photo.width} × {tried.photo.height} {tried.photo.changed}
            </figcaption>
          </figure>
          <section aria-label="What the model found" class="stack">
            <p role="status">{foundText(tried.detection, error)}</p>
            {(tried.detection?.boxes ?? []).map((box, place) => (
              <Crop key={`${tried.url} ${place}`} photo={tried.photo} box={box} place={place + 1} />
            ))}
          </section>
        </div>
      )}
    </>
  );
}

function foundText(detection: Detection | null, error: unknown): string {
  if (detection === null) return error === null ? "The model looks…" : "";
  return detection.boxes.length === 0
    ? "No document found."
    : `${counted(detection.boxes.length, "document")} found`;
}

interface CropProps {
  readonly photo: Photo;
  readonly box: ScoredBox;
  readonly place: number;
}

function Crop({ photo, box, place }: CropProps) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let left = false;
    let made: string | null = null;
    void cropOf(photo, box).then(
      (blob) => {
        if (left) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      () => undefined,
    );
    return () => {
      left = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [photo, box]);
  return (
    <figure class="panel crop">
      {url !== null && <img src={url} alt={`Crop of ${box.label}`} />}
      <figcaption class="row">
        <span>
          <b>{box.label}</b> <span class="quiet">{percent(box.confidence)}</span>
        </span>
        {url !== null && (
          <a class="button small" href={url} download={cropName(photo.name, place, box.label)}>
            Download crop
          </a>
        )}
      </figcaption>
    </figure>
  );
}

function PhotoDrop({ onPhoto, small }: { readonly onPhoto: (file: File) => void; readonly small: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = useRef(onPhoto);
  take.current = onPhoto;
  useEffect(() => {
    const dragged = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    const dropped = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      const [file] = event.dataTransfer?.files ?? [];
      if (file) take.current(file);
    };
    const pasted = (event: ClipboardEvent) => {
      const [file] = event.clipboardData?.files ?? [];
      if (file) take.current(file);
    };
    addEventListener("dragover", dragged);
    addEventListener("dragleave", dragged);
    addEventListener("drop", dropped);
    addEventListener("paste", pasted);
    return () => {
      removeEventListener("dragover", dragged);
      removeEventListener("dragleave", dragged);
      removeEventListener("drop", dropped);
      removeEventListener("paste", pasted);
    };
  }, []);
  return (
    <div class={`drop ${over ? "over" : ""} ${small ? "small-drop" : ""}`}>
      <p>
        <strong>{small ? "Drop another photo" : "Drop a photo here"}</strong>
        <span class="quiet small"> It is looked at and not kept.</span>
      </p>
      <button type="button" class="button" onClick={() => input.current?.click()}>
        Choose a photo
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept="image/*"
        aria-label="Photo"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (file) onPhoto(file);
        }}
      />
    </div>
  );
}
