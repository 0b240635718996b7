import type { CreateTrainingJob } from "../api/types";

/** What somebody typed on the way to a new job, and what the API makes of it. */
export interface Draft {
  readonly name: string;
  readonly labels: readonly string[];
  readonly backend: "" | "ground-truth" | "console" | "import";
  /** The job whose running model offers boxes; empty for none. */
  readonly suggestionsFrom: string;
  readonly minF1: string;
  readonly workersPerImage: string;
  readonly inferenceUnits: string;
  readonly autoStopMinutes: string;
  readonly testPercent: string;
}

export const EMPTY: Draft = {
  name: "",
  labels: [],
  backend: "",
  suggestionsFrom: "",
  minF1: "",
  workersPerImage: "1",
  inferenceUnits: "1",
  autoStopMinutes: "",
  testPercent: "20",
};

const LABEL = /^[A-Za-z0-9]([A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?$/;
const MAX_LABELS = 10;

/** What is wrong with one more document type; null when it is fine. */
export function whyLabelRefused(label: string, others: readonly string[]): string | null {
  if (others.length >= MAX_LABELS) return `A job has at most ${MAX_LABELS} document types.`;
  if (!LABEL.test(label)) {
    return "Use unaccented letters, digits, spaces and . _ - only, a letter or digit first and last, 64 at most.";
  }
  const same = others.find((other) => other.toLowerCase() === label.toLowerCase());
  return same === undefined ? null : `“${same}” is there already.`;
}

export type Faults = Partial<Record<keyof Draft, string>>;

interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

const RANGES: Readonly<
  Record<"minF1" | "workersPerImage" | "inferenceUnits" | "autoStopMinutes" | "testPercent", Range>
> = {
  minF1: { min: 0, max: 1 },
  workersPerImage: { min: 1, max: 9, whole: true },
  inferenceUnits: { min: 1, max: 5, whole: true },
  autoStopMinutes: { min: 1, max: 43_200, whole: true },
  testPercent: { min: 5, max: 50 },
};

export function faultsOf(draft: Draft): Faults {
  const faults: Faults = {};
  for (const [field, range] of Object.entries(RANGES) as [keyof typeof RANGES, Range][]) {
    const typed = draft[field].trim();
    if (typed === "") continue;
    const value = Number(typed);
    const fits =
      value >= range.min && value <= range.max && (range.whole !== true || Number.isInteger(value));
    if (!fits)
      faults[field] = `${range.whole ? "A whole number" : "A number"} from ${range.min} to ${range.max}.`;
  }
  return faults;
}

/** The body of the request; call it with a draft without faults. */
export function requestOf(draft: Draft): CreateTrainingJob {
  const number = (typed: string) => (typed.trim() === "" ? null : Number(typed));
  const offers = draft.backend === "console" && draft.suggestionsFrom !== "";
  return {
    name: draft.name.trim() === "" ? null : draft.name.trim(),
    labels: draft.labels.length === 0 ? null : [...draft.labels],
    labelling: {
      backend: draft.backend === "" ? null : draft.backend,
      suggestionsFromJob: offers ? draft.suggestionsFrom : null,
    },
    options: {
      minF1: number(draft.minF1),
      workersPerImage: number(draft.workersPerImage) ?? 1,
      inferenceUnits: number(draft.inferenceUnits) ?? 1,
      autoStopAfterMinutes: number(draft.autoStopMinutes),
      testFraction: (number(draft.testPercent) ?? 20) / 100,
    },
  };
}
