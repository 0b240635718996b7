import { afterEach, expect, test, vi } from "vitest";
import { Unreachable } from "../../src/api/errors";
import { makeSend } from "../../src/api/http";
import { labellingApi } from "../../src/api/labelling";
import { Bench, type BenchState } from "../../src/label/bench";
import { Drafts } from "../../src/label/drafts";
import { problem } from "../fake/api";
import { FakeLabelling } from "../fake/labelling";
import type { Reply } from "../fake/server";

const JOB = "01jd8w00000000000000000777";
const BOX = { label: "card", left: 160, top: 120, width: 320, height: 240 };

/** localStorage in memory; several benches at one machine share it. */
class Kept implements Storage {
  private readonly items = new Map<string, string>();
  [name: string]: unknown;
  get length() {
    return this.items.size;
  }
  key = (place: number) => [...this.items.keys()][place] ?? null;
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
  clear = () => this.items.clear();
}

/** A labelling, and what can go wrong on the way to it and back. */
class World {
  readonly labelling = new FakeLabelling();
  readonly storage = new Kept();
  /** The requests that came to the server, by their last words. */
  readonly asked: string[] = [];
  /** Lose the answer to this request, once, after the server has done what it asks. */
  lose: string | null = null;
  imagesFail = false;
  unreachable = false;
  refusesAnswers = false;
  onChange: (state: BenchState) => void = () => undefined;
  private readonly open: Bench[] = [];

  constructor(files: readonly string[]) {
    this.begin(files);
  }

  begin(files: readonly string[]) {
    this.labelling.add(JOB, ["card", "passport"], files);
  }

  answers() {
    return this.labelling.answers(JOB);
  }

  /** Sit down at the machine, as somebody; whoever sat there before has left without a word. */
  async sit(person: string): Promise<Bench> {
    const bench = this.bench(person);
    await bench.open();
    return bench;
  }

  bench(person: string): Bench {
    const send = makeSend(
      { headers: () => Promise.resolve({ "X-Worker": person }), renew: () => Promise.resolve(false) },
      () => undefined,
      (url, init) => Promise.resolve().then(() => this.serve(url as string, init ?? {})),
    );
    const bench = new Bench({
      jobId: JOB,
      api: labellingApi(send),
      drafts: new Drafts(this.storage, person, () => Date.now()),
      loadImage: () =>
        this.imagesFail
          ? Promise.reject(new Error("The image could not be loaded (500)."))
          : Promise.resolve({ url: "blob:", blob: new Blob() }),
      dropImage: () => undefined,
      now: () => Date.now(),
      onChange: (state) => this.onChange(state),
    });
    this.open.push(bench);
    return bench;
  }

  close() {
    for (const bench of this.open) bench.close();
  }

  private serve(address: string, { method = "GET", headers, body }: RequestInit): Response {
    const url = new URL(address, "http://page.test");
    const verb = url.pathname.split("/").at(-1) ?? "";
    if (this.unreachable) throw new Unreachable();
    this.asked.push(`${method} ${verb}`);
    if (method === "PUT" && this.refusesAnswers) {
      return responseOf(problem(422, "invalid-request", "Correct the request."));
    }
    const given = Object.entries(headers as Record<string, string>);
    const reply = this.labelling.answer(
      {
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])),
        body: Buffer.from(typeof body === "string" ? body : ""),
      },
      null,
    );
    if (this.lose === `${method} ${verb}`) {
      this.lose = null;
      throw new Unreachable();
    }
    return responseOf(reply);
  }
}

function responseOf(reply: Reply | null): Response {
  if (reply === null) return new Response(null, { status: 404 });
  const body = reply.status === 204 ? null : JSON.stringify(reply.json);
  return new Response(body, { status: reply.status, headers: { "content-type": "application/json" } });
}

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

function makeWorld(...files: string[]): World {
  const world = new World(files);
  worlds.push(world);
  return world;
}

function draw(bench: Bench) {
  bench.change({
    type: "added",
    id: crypto.randomUUID(),
    seen: { left: 0, top: 0, width: 640, height: 480 },
  });
}

async function label(bench: Bench) {
  draw(bench);
  await bench.submit("boxes");
}

function shown(bench: Bench) {
  const { phase, task, editing } = bench.state;
  return { phase, filename: task?.filename, boxes: editing?.boxes.length };
}

test("boxes of an answer that was taken back are a draft at once, and there after a reload", async () => {
  const world = makeWorld("a.png", "b.png");
  const bench = await world.sit("ann");
  await label(bench);
  await bench.previous();
  expect(shown(bench)).toEqual({ phase: "labelling", filename: "a.png", boxes: 1 });
  expect(new Drafts(world.storage, "ann", () => Date.now()).get(JOB, "a.png")?.boxes).toMatchObject([BOX]);
  expect(shown(await world.sit("ann"))).toEqual({ phase: "labelling", filename: "a.png", boxes: 1 });
});

test("boxes that were taken back come again even where nothing was kept", async () => {
  const world = makeWorld("a.png", "b.png");
  const bench = await world.sit("ann");
  await label(bench);
  await bench.previous();
  world.storage.clear();
  expect(shown(await world.sit("ann"))).toMatchObject({ filename: "a.png", boxes: 1 });
});

test("an answer taken back whose response is lost is shown all the same", async () => {
  const world = makeWorld("a.png", "b.png");
  const bench = await world.sit("ann");
  await label(bench);
  world.lose = "POST undo";
  await bench.previous();
  expect(shown(bench)).toEqual({ phase: "labelling", filename: "a.png", boxes: 1 });
  expect(world.asked.filter((asked) => asked === "POST undo")).toHaveLength(1);
});

test("an image that cannot be loaded after an answer was taken back can be tried again", async () => {
  const world = makeWorld("a.png", "b.png");
  const bench = await world.sit("ann");
  await label(bench);
  world.imagesFail = true;
  await bench.previous();
  expect(shown(bench).phase).toBe("failed");
  world.imagesFail = false;
  bench.tryAgain();
  await vi.waitFor(() => expect(shown(bench)).toEqual({ phase: "labelling", filename: "a.png", boxes: 1 }), {
    timeout: 10_000,
  });
});

test("going back twice at once takes back one answer", async () => {
  const world = makeWorld("a.png", "b.png", "c.png");
  const bench = await world.sit("ann");
  await label(bench);
  await label(bench);
  await Promise.all([bench.previous(), bench.previous(), bench.previous()]);
  expect(shown(bench)).toEqual({ phase: "labelling", filename: "b.png", boxes: 1 });
  expect(Object.keys(world.answers())).toEqual(["a.png"]);
});

test("going back step by step keeps the boxes of each step", async () => {
  const world = makeWorld("a.png", "b.png", "c.png");
  const bench = await world.sit("ann");
  await label(bench);
  await label(bench);
  await bench.previous();
  await bench.previous();
  expect(shown(bench)).toMatchObject({ filename: "a.png", boxes: 1 });
  await bench.submit("boxes");
  expect(shown(bench)).toMatchObject({ filename: "b.png", boxes: 1 });
});

test("while an answer is being taken back nothing is handed in", async () => {
  const world = makeWorld("a.png", "b.png");
  const bench = await world.sit("ann");
  await label(bench);
  await Promise.all([bench.previous(), bench.submit("no-document")]);
  expect(world.answers()).toEqual({});
  expect(shown(bench)).toMatchObject({ filename: "a.png", boxes: 1 });
});

test("with nothing to take back the image stays, and the reason is told", async () => {
  const world = makeWorld("a.png");
  const bench = await world.sit("ann");
  draw(bench);
  await bench.previous();
  expect(shown(bench)).toEqual({ phase: "labelling", filename: "a.png", boxes: 1 });
  expect(bench.state.notice?.text).toContain("answered nothing");
});

test("the last answer can be taken back when no image is left", async () => {
  const world = makeWorld("a.png");
  const bench = await world.sit("ann");
  await label(bench);
  expect(shown(bench).phase).toBe("nothing left");
  await bench.previous();
  expect(shown(bench)).toEqual({ phase: "labelling", filename: "a.png", boxes: 1 });
});

test("a second key while the next image is on its way does not change the answer just given", async () => {
  const world = makeWorld("a.png", "b.png");
  const bench = await world.sit("ann");
  draw(bench);
  let pressed = 0;
  world.onChange = ({ phase, task, editing }) => {
    if (phase !== "loading" || task?.filename !== "a.png" || editing === null) return;
    pressed += 1;
    void bench.submit("no-document");
  };
  await bench.submit("boxes");
  expect(pressed).toBeGreaterThan(0);
  expect(world.answers()["a.png"]?.kind).toBe("boxes");
});

async function leaveUnsent(world: World, person: string) {
  const bench = await world.sit(person);
  draw(bench);
  world.unreachable = true;
  await bench.submit("boxes");
  expect(bench.state.notice?.text).toContain("Not saved yet");
  world.unreachable = false;
  bench.close();
}

test("an answer that could not be handed in goes off when the same person comes again", async () => {
  const world = makeWorld("a.png", "b.png");
  await leaveUnsent(world, "ann");
  expect(shown(await world.sit("ann"))).toMatchObject({ filename: "b.png", boxes: 0 });
  expect(world.labelling.jobs.get(JOB)?.tasks[0]?.by).toBe("ann");
});

test("an answer that could not be handed in is not handed in as somebody else's", async () => {
  const world = makeWorld("a.png", "b.png");
  await leaveUnsent(world, "ann");
  Object.assign(world.labelling.jobs.get(JOB)?.tasks[0] ?? {}, { until: 0 }); // Ann's lease is over
  expect(shown(await world.sit("bob"))).toEqual({ phase: "labelling", filename: "a.png", boxes: 0 });
  expect(world.answers()).toEqual({});
});

test("an unsent answer of an earlier attempt is not that of the photo that has its number now", async () => {
  const world = makeWorld("a.png", "b.png");
  await leaveUnsent(world, "ann");
  world.begin(["b.png", "a.png"]);
  const lease = { holder: "ann", until: Date.now() + 300_000 };
  Object.assign(world.labelling.jobs.get(JOB)?.tasks[0] ?? {}, lease);
  const bench = await world.sit("ann");
  expect(shown(bench)).toEqual({ phase: "labelling", filename: "b.png", boxes: 0 });
  expect(world.answers()).toEqual({});
  await bench.submit("no-document");
  // Its own photo has the boxes to begin with, and nobody handed them in for her.
  expect(shown(bench)).toEqual({ phase: "labelling", filename: "a.png", boxes: 1 });
});

test("a draft of an earlier attempt comes with its photo, not with its number", async () => {
  const world = makeWorld("a.png", "b.png");
  draw(await world.sit("ann"));
  world.begin(["b.png", "a.png"]);
  const bench = await world.sit("ann");
  expect(shown(bench)).toMatchObject({ filename: "b.png", boxes: 0 });
  await bench.submit("no-document");
  expect(shown(bench)).toMatchObject({ filename: "a.png", boxes: 1 });
});

test("an answer that the server will never take does not keep a person from going on", async () => {
  const world = makeWorld("a.png", "b.png");
  await leaveUnsent(world, "ann");
  world.refusesAnswers = true;
  expect(shown(await world.sit("ann"))).toEqual({ phase: "labelling", filename: "a.png", boxes: 1 });
});

test("drafts that do not say whose they are, or are two weeks old, are thrown away", () => {
  const storage = new Kept();
  const now = 15 * 24 * 3_600_000;
  storage.setItem(
    `console.draft.${JOB}/00000000`,
    JSON.stringify({ boxes: [BOX], answer: { kind: "boxes", boxes: [BOX] }, at: now }),
  );
  storage.setItem("console.worker", "ann");
  const drawn = { taskId: "00000000", attempt: 1, filename: "a.png" };
  const drafts = new Drafts(storage, "ann", () => now);
  new Drafts(storage, "ann", () => 0).keep(JOB, drawn, [], null);
  drafts.keep(JOB, { ...drawn, filename: "b.png" }, [], null);
  expect(drafts.unsent(JOB)).toEqual([]);
  drafts.tidy();
  expect(storage.length).toBe(2);
  expect(drafts.get(JOB, "b.png")).not.toBeNull();
});
