import { useEffect, useState } from "preact/hooks";

/**
 * Where in the page somebody is. Addresses are kept in the fragment, so that any static host serves them.
 */
export type Route =
  | { readonly page: "jobs" }
  | { readonly page: "new-job" }
  | { readonly page: "job" | "images" | "results" | "try" | "tasks" | "label"; readonly jobId: string }
  | { readonly page: "labelling" }
  | { readonly page: "unknown" };

const JOB_PAGES = { images: "images", results: "results", try: "try", tasks: "tasks" } as const;

export function parseRoute(hash: string): Route {
  const parts = hash
    .replace(/^#?\/?/, "")
    .split("/")
    .filter((part) => part !== "")
    .map(decode);
  const [first, second, third] = parts;
  if (parts.length > 3) return { page: "unknown" };
  if (first === undefined || (first === "jobs" && second === undefined)) return { page: "jobs" };
  if (first === "new" && second === undefined) return { page: "new-job" };
  if (first === "label" && third === undefined) {
    return second === undefined ? { page: "labelling" } : { page: "label", jobId: second };
  }
  if (first !== "jobs" || second === undefined) return { page: "unknown" };
  if (third === undefined) return { page: "job", jobId: second };
  const page = Object.hasOwn(JOB_PAGES, third) ? JOB_PAGES[third as keyof typeof JOB_PAGES] : undefined;
  return page === undefined ? { page: "unknown" } : { page, jobId: second };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const links = {
  jobs: "#/jobs",
  newJob: "#/new",
  labelling: "#/label",
  job: (jobId: string) => `#/jobs/${encodeURIComponent(jobId)}`,
  jobPage: (jobId: string, page: keyof typeof JOB_PAGES) => `#/jobs/${encodeURIComponent(jobId)}/${page}`,
  label: (jobId: string) => `#/label/${encodeURIComponent(jobId)}`,
};

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return parseRoute(hash);
}
