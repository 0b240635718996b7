import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type App, AppContext } from "./app-context";
import { JobPage } from "./job/job-page";
import { JobsPage } from "./jobs/jobs-page";
import { LabellingPage } from "./label/labelling-page";
import { links, type Route, useRoute } from "./lib/router";
import { Head } from "./ui/page";
import { later } from "./ui/later";
import { NewJobPage } from "./new-job/new-job-page";
import { ImagesPage } from "./upload/images-page";
import { Person } from "./ui/person";
import { SessionEnded } from "./ui/session-ended";

// Parts that nobody needs at once are loaded when somebody goes there; drawing over images is the largest.
const BenchPage = later(() => import("./label/bench-page").then((part) => part.BenchPage));
const ResultsPage = later(() => import("./results/results-page").then((part) => part.ResultsPage));
const TryPage = later(() => import("./try/try-page").then((part) => part.TryPage));
const TasksPage = later(() => import("./label/tasks-page").then((part) => part.TasksPage));

interface PageProps {
  readonly app: App;
  readonly sessionEnded: EventTarget;
}

export function Page({ app, sessionEnded }: PageProps) {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const place = JSON.stringify(route);
  const first = useRef(true);
  useEffect(() => {
    // Whoever follows a link by keyboard or hears the page goes on at its beginning.
    if (!first.current) main.current?.focus();
    first.current = false;
    scrollTo(0, 0);
  }, [place]);
  const full = route.page === "label";
  return (
    <AppContext.Provider value={app}>
      <a class="skip" href={location.hash} onClick={(event) => skipTo(event, main.current)}>
        Skip to the content
      </a>
      {!full && <Bar route={route} app={app} />}
      <main ref={main} tabIndex={-1} class={full ? "full" : ""}>
        <Content key={place} route={route} />
      </main>
      <SessionEnded events={sessionEnded} session={app.session} />
    </AppContext.Provider>
  );
}

function skipTo(event: Event, main: HTMLElement | null) {
  event.preventDefault();
  main?.focus();
}

function Bar({ route, app }: { readonly route: Route; readonly app: App }) {
  const labelling = route.page === "labelling" || route.page === "label";
  return (
    <header class="bar">
      <a class="brand" href={links.jobs}>
        <img src="/icon.svg" alt="" width={24} height={24} />
        <span>Document models</span>
      </a>
      <nav aria-label="Pages">
        <a href={links.jobs} aria-current={labelling ? undefined : "page"}>
          Jobs
        </a>
        <a href={links.labelling} aria-current={labelling ? "page" : undefined}>
          Label
        </a>
      </nav>
      <Person app={app} />
    </header>
  );
}

function Content({ route }: { readonly route: Route }): ComponentChildren {
  switch (route.page) {
    case "jobs":
      return <JobsPage />;
    case "new-job":
      return <NewJobPage />;
    case "images":
      return <ImagesPage jobId={route.jobId} />;
    case "labelling":
      return <LabellingPage />;
    case "label":
      return <BenchPage jobId={route.jobId} />;
    case "tasks":
      return <TasksPage jobId={route.jobId} />;
    case "results":
      return <ResultsPage jobId={route.jobId} />;
    case "try":
      return <TryPage jobId={route.jobId} />;
    case "job":
      return <JobPage jobId={route.jobId} />;
    default:
      return (
        <>
          <Head title="There is no such page" />
          <p>
            <a href={links.jobs}>Go to the jobs</a>
          </p>
        </>
      );
  }
}
