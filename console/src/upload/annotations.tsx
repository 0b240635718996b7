import { useRef, useState } from "preact/hooks";
import { useApp } from "../app-context";
import { bytes } from "../lib/format";
import { Failed } from "../ui/notice";
import { putFile } from "./put";

interface AnnotationsProps {
  readonly jobId: string;
  /** Told when a file begins to go off, and when it has arrived or failed. */
  readonly onBusy: (busy: boolean) => void;
}

/** Takes the file with the boxes of a job that imports them. */
export function Annotations({ jobId, onBusy }: AnnotationsProps) {
  const { training } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState<number | null>(null);
  const [done, setDone] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const upload = async (chosen: File) => {
    setFile(chosen);
    setDone(false);
    setError(null);
    setSent(0);
    onBusy(true);
    try {
      const { url } = await training.annotationsUrl(jobId);
      await putFile(url, chosen, setSent, new AbortController().signal);
      setDone(true);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setSent(null);
      onBusy(false);
    }
  };

  return (
    <section class="panel" aria-labelledby="annotations">
      <header>
        <h2 id="annotations">Boxes</h2>
        {done && file !== null && <span class="state good">{file.name}</span>}
      </header>
      <p class="quiet">
        One file: COCO (.json), a Ground Truth or Custom Labels manifest, or Pascal VOC files in a zip. File
        names must be those of the images. The last one given counts.
      </p>
      <div class="row gap-above">
        <button type="button" class="button" disabled={sent !== null} onClick={() => input.current?.click()}>
          {done ? "Replace" : "Choose the file"}
        </button>
        {sent !== null && file !== null && (
          <span role="status">
            {bytes(sent)} of {bytes(file.size)}
          </span>
        )}
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,.jsonl,.manifest,.zip"
        aria-label="File with the boxes"
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (chosen) void upload(chosen);
        }}
      />
      <Failed error={error} />
    </section>
  );
}
