import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { explain } from "../api/errors";
import { Notice } from "./notice";

interface ConfirmProps {
  readonly title: string;
  /** What it does, what it costs, what cannot be undone. */
  readonly children: ComponentChildren;
  readonly action: string;
  readonly danger?: boolean;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** Ask before something that costs or cannot be undone; stays open with the reason when it is refused. */
export function Confirm({ title, children, action, danger, onConfirm, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);

  const confirm = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <h2 id="dialog-title">{title}</h2>
      <form onSubmit={(event) => void confirm(event)}>
        {children}
        {error !== null && <Notice kind="bad">{explain(error)}</Notice>}
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Back
          </button>
          <button type="submit" class={`button ${danger ? "danger" : "primary"}`} disabled={busy}>
            {busy ? "One moment…" : action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
