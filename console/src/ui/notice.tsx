import type { ComponentChildren } from "preact";
import { ApiError, SignedOut, explain, isPassing } from "../api/errors";

interface NoticeProps {
  readonly kind?: "bad" | "warn" | "good";
  readonly children: ComponentChildren;
}

export function Notice({ kind, children }: NoticeProps) {
  return (
    <div class={`notice ${kind ?? ""}`} role={kind === "bad" ? "alert" : undefined}>
      {children}
    </div>
  );
}

/** Says why something failed. What passes by itself is told more softly. */
export function Failed({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  // The session's end has a dialog of its own.
  if (error === null || error === undefined || error instanceof SignedOut) return null;
  const fields = error instanceof ApiError ? error.fields : [];
  return (
    <Notice kind={isPassing(error) ? "warn" : "bad"}>
      <div class="row">
        <span>{explain(error)}</span>
        {onRetry && (
          <button type="button" class="button small" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
      {fields.length > 1 && (
        <ul>
          {fields.map(({ field, message }) => (
            <li key={field}>
              {field}: {message}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

export function Loading() {
  return (
    <p class="loading" role="status">
      Loading…
    </p>
  );
}
