import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isPassing } from "../api/errors";

/** How long to wait for the next look, in milliseconds. */
export function nextLook(every: number, failures: number, hidden: boolean): number {
  const patience = hidden ? 10 : 1;
  return Math.min(every * patience * 2 ** Math.min(failures, 5), 5 * 60_000);
}

export interface Polled<T> {
  readonly value: T | null;
  readonly error: unknown;
  /** Look now. */
  readonly refresh: () => void;
  /** Take what an answer to something else has told. */
  readonly set: (value: T) => void;
}

/**
 * Keep looking at something on the server.
 *
 * Looks rarely while the page is hidden and after failures, and at once when it is shown again. An error that
 * will not pass ends the looking until `refresh`. `every` may follow from the last value; null ends it.
 */
export function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  every: (value: T | null) => number | null,
): Polled<T> {
  const [state, setState] = useState<{ value: T | null; error: unknown }>({ value: null, error: null });
  const current = useRef({ load, every });
  current.current = { load, every };
  const wake = useRef<() => void>(() => undefined);

  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    let looking = false;
    let again = false;

    const plan = (value: T | null) => {
      const pause = current.current.every(value);
      if (pause === null || ended.signal.aborted) return;
      timer = setTimeout(look, nextLook(pause, failures, document.hidden));
    };
    const look = () => {
      clearTimeout(timer);
      if (looking) {
        again = true;
        return;
      }
      looking = true;
      void current.current
        .load(ended.signal)
        .then(
          (value) => {
            failures = 0;
            if (!ended.signal.aborted) setState({ value, error: null });
            plan(value);
          },
          (error: unknown) => {
            failures += 1;
            if (ended.signal.aborted) return;
            setState((before) => ({ value: before.value, error }));
            if (isPassing(error)) plan(null);
          },
        )
        .finally(() => {
          looking = false;
          if (again && !ended.signal.aborted) {
            again = false;
            look();
          }
        });
    };
    const shown = () => {
      if (!document.hidden) look();
    };

    wake.current = look;
    look();
    document.addEventListener("visibilitychange", shown);
    addEventListener("online", look);
    return () => {
      ended.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
      removeEventListener("online", look);
    };
  }, []);

  const refresh = useCallback(() => wake.current(), []);
  const set = useCallback((value: T) => setState({ value, error: null }), []);
  return { ...state, refresh, set };
}

/** The time, anew every so often; for ages and durations. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
