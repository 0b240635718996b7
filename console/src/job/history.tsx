import { useEffect, useState } from "preact/hooks";
import type { HistoryEntry } from "../api/types";
import { useApp } from "../app-context";
import { exactTime } from "../lib/format";
import { Failed, Loading } from "../ui/notice";

/** The words of an event's type: `ekyc.model.training-started.v1` → `Model training started`. */
export function eventName(type: string): string {
  const words = type
    .replace(/^ekyc\./, "")
    .replace(/\.v\d+$/, "")
    .replaceAll(/[.-]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What was published about a job; `updatedAt` tells when there is more. */
export function History({ jobId, updatedAt }: { readonly jobId: string; readonly updatedAt: string }) {
  const { training } = useApp();
  const [events, setEvents] = useState<readonly HistoryEntry[] | null>(null);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    const left = new AbortController();
    training.history(jobId, left.signal).then(
      (history) => {
        setEvents(history.events);
        setError(null);
      },
      (thrown: unknown) => {
        if (!left.signal.aborted) setError(thrown);
      },
    );
    return () => left.abort();
  }, [jobId, updatedAt]);

  if (error !== null) return <Failed error={error} />;
  if (events === null) return <Loading />;
  if (events.length === 0) return <p class="quiet">Nothing has happened yet.</p>;
  return (
    <ol class="history">
      {events.toReversed().map((event) => (
        <li key={event.id}>
          <details>
            <summary>
              <span>{eventName(event.type)}</span>
              <span class="small quiet">
                {event.attempt > 1 && `attempt ${event.attempt} · `}
                <time dateTime={event.time}>{exactTime(event.time)}</time>
              </span>
            </summary>
            <pre class="mono" tabIndex={0}>
              {JSON.stringify(event.data, null, 2)}
            </pre>
          </details>
        </li>
      ))}
    </ol>
  );
}
