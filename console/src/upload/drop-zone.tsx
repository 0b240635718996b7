import { useEffect, useRef, useState } from "preact/hooks";
import { type Picked, filesOfDrop, pickedFrom } from "./picked";

/** Takes files and folders that are dropped anywhere on the page, or chosen. */
export function DropZone({ onPicked }: { readonly onPicked: (picked: readonly Picked[]) => void }) {
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = useRef(onPicked);
  take.current = onPicked;

  useEffect(() => {
    // Not known to JSX's types, but to every browser that can choose a folder.
    folder.current?.setAttribute("webkitdirectory", "");
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const dragged = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    const dropped = (event: DragEvent) => {
      if (!holdsFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      setOver(false);
      void takeAll(filesOfDrop(event.dataTransfer), (picked) => take.current(picked));
    };
    addEventListener("dragover", dragged);
    addEventListener("dragleave", dragged);
    addEventListener("drop", dropped);
    return () => {
      removeEventListener("dragover", dragged);
      removeEventListener("dragleave", dragged);
      removeEventListener("drop", dropped);
    };
  }, []);

  const chosen = (input: HTMLInputElement) => {
    onPicked(pickedFrom(input.files ?? []));
    // So that choosing the same again is a change again.
    input.value = "";
  };
  return (
    <div class={`drop ${over ? "over" : ""}`}>
      <p>
        <strong>Drop a folder of photos here</strong>
      </p>
      <p class="quiet small">
        JPEG or PNG, up to 15 MB, 64 to 4096 pixels a side. Each is checked before it is sent.
      </p>
      <div class="row">
        <button type="button" class="button" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
        <button type="button" class="button" onClick={() => files.current?.click()}>
          Choose files
        </button>
      </div>
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        aria-label="Folder"
        onChange={(event) => chosen(event.currentTarget)}
      />
      <input
        ref={files}
        type="file"
        multiple
        hidden
        accept=".jpg,.jpeg,.png,image/jpeg,image/png"
        aria-label="Files"
        onChange={(event) => chosen(event.currentTarget)}
      />
    </div>
  );
}

/** Hand on what a walk through folders finds in heaps, so that ten thousand files are not ten thousand steps. */
async function takeAll(walk: AsyncIterable<Picked[]>, take: (picked: Picked[]) => void): Promise<void> {
  let heap: Picked[] = [];
  for await (const some of walk) {
    heap.push(...some);
    if (heap.length >= 200) {
      take(heap);
      heap = [];
    }
  }
  take(heap);
}
