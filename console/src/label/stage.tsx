import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Ref } from "preact";
import type { StoredImage } from "../lib/stored-image";
import { type Annotator, type Hands, makeAnnotator } from "./annotator";
import type { EditedBox, Rect, Size } from "./boxes";
import type { Editing } from "./editing";
import { colourOf } from "./colours";
import { fitting, scrollFor, seenOf, zoomed } from "./zoom";

export interface StageControls {
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  /** Which part of the image is seen. */
  readonly seen: () => Rect;
  readonly cancel: () => void;
}

interface StageProps {
  readonly image: StoredImage;
  readonly editing: Editing;
  readonly hands: Hands;
  readonly controls: Ref<StageControls>;
}

/** The image with its boxes, as large as there is room, to zoom into and to move about. */
export function Stage({ image, editing, hands, controls }: StageProps) {
  const room = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const annotator = useRef<Annotator | null>(null);
  const latest = useRef(hands);
  latest.current = hands;
  const [ready, setReady] = useState(false);
  const size = editing.image;
  const { scale, zoom, fit } = useZoom(room, size);

  // A layout effect is undone before the page is drawn again: Annotorious must not see its picture vanish.
  useLayoutEffect(() => {
    const host = canvas.current;
    if (host === null) return;
    let left = false;
    // Annotorious puts the picture into a frame of its own, so that it is not for Preact to care for.
    const picture = new Image();
    picture.alt = "The image to label";
    picture.draggable = false;
    picture.src = image.url;
    host.replaceChildren(picture);
    void picture.decode().then(
      () => {
        if (left) return;
        annotator.current = makeAnnotator(picture, {
          onDrawn: (...drawn) => latest.current.onDrawn(...drawn),
          onDragged: (...dragged) => latest.current.onDragged(...dragged),
          onSelected: (id) => latest.current.onSelected(id),
        });
        setReady(true);
      },
      () => undefined,
    );
    return () => {
      left = true;
      annotator.current?.destroy();
      annotator.current = null;
      host.replaceChildren();
    };
  }, [image.url]);

  useEffect(() => {
    annotator.current?.show(editing.boxes, editing.selected, (box) => colourOf(box.label, editing.labels));
  }, [ready, editing]);

  usePanning(room, () => annotator.current?.cancel(), zoom);

  useImperativeHandle(
    controls,
    () => ({
      zoom: (factor) => zoom(factor, null),
      fit,
      seen: () => {
        const element = room.current;
        if (element === null) return { left: 0, top: 0, ...size };
        const scroll = { left: element.scrollLeft, top: element.scrollTop };
        return seenOf(scroll, { width: element.clientWidth, height: element.clientHeight }, scale, size);
      },
      cancel: () => annotator.current?.cancel(),
    }),
    [zoom, fit, scale, size],
  );

  const shown = { width: `${size.width * scale}px`, height: `${size.height * scale}px` };
  return (
    <div class="room" ref={room} data-ready={ready ? "" : undefined}>
      <div class="sheet" style={shown}>
        <div class="canvas" ref={canvas} />
        {editing.boxes.map((box, place) => (
          <Tag
            key={box.id}
            box={box}
            place={place}
            scale={scale}
            colour={colourOf(box.label, editing.labels)}
          />
        ))}
      </div>
    </div>
  );
}

interface TagProps {
  readonly box: EditedBox;
  readonly place: number;
  readonly scale: number;
  readonly colour: string;
}

function Tag({ box, place, scale, colour }: TagProps) {
  const style = {
    left: `${box.left * scale}px`,
    top: `${box.top * scale}px`,
    maxWidth: `${Math.max(64, box.width * scale)}px`,
    background: colour,
  };
  return (
    <span class={`tag ${box.top * scale < 22 ? "inside" : ""}`} style={style} aria-hidden="true">
      {place + 1} {box.label}
    </span>
  );
}

type Zoom = (factor: number, at: { readonly x: number; readonly y: number } | null) => void;

function useZoom(room: { readonly current: HTMLDivElement | null }, image: Size) {
  const [scale, setScale] = useState(0.1);
  const fitted = useRef(true);
  const lowest = useRef(0.1);
  const scroll = useRef<{ left: number; top: number } | null>(null);
  const now = useRef(scale);
  now.current = scale;

  useLayoutEffect(() => {
    const element = room.current;
    if (element === null) return;
    fitted.current = true;
    const look = () => {
      lowest.current = fitting(image, { width: element.clientWidth, height: element.clientHeight });
      if (fitted.current) setScale(lowest.current);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [image.width, image.height]);

  useLayoutEffect(() => {
    const element = room.current;
    if (element === null || scroll.current === null) return;
    element.scrollLeft = scroll.current.left;
    element.scrollTop = scroll.current.top;
    scroll.current = null;
  }, [scale]);

  const [api] = useState(() => {
    const zoom: Zoom = (factor, at) => {
      const element = room.current;
      if (element === null) return;
      const before = now.current;
      const after = zoomed(before, factor, lowest.current);
      const { left, top } = element.getBoundingClientRect();
      const x = at === null ? element.clientWidth / 2 : at.x - left;
      const y = at === null ? element.clientHeight / 2 : at.y - top;
      scroll.current = {
        left: scrollFor(element.scrollLeft, x, before, after),
        top: scrollFor(element.scrollTop, y, before, after),
      };
      fitted.current = after <= lowest.current;
      now.current = after;
      setScale(after);
    };
    const fit = () => {
      fitted.current = true;
      setScale(lowest.current);
    };
    return { zoom, fit };
  });
  return { scale, ...api };
}

/** Move about: two fingers, the middle button, or Space held down; Ctrl and the wheel zoom. */
function usePanning(room: { readonly current: HTMLDivElement | null }, cancel: () => void, zoom: Zoom): void {
  const latest = useRef(cancel);
  latest.current = cancel;
  useEffect(() => {
    const element = room.current;
    if (element === null) return;
    const fingers = new Map<number, { x: number; y: number }>();
    let panning: { x: number; y: number } | null = null;
    let space = false;

    const down = (event: PointerEvent) => {
      if (event.pointerType === "touch") {
        fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
        if (fingers.size < 2) return;
        latest.current();
        event.stopPropagation();
      } else if (event.button === 1 || (space && event.button === 0)) {
        panning = { x: event.clientX, y: event.clientY };
        element.setPointerCapture(event.pointerId);
        event.stopPropagation();
        event.preventDefault();
      }
    };
    const move = (event: PointerEvent) => {
      const here = { x: event.clientX, y: event.clientY };
      if (panning !== null) {
        element.scrollBy(panning.x - here.x, panning.y - here.y);
        panning = here;
        event.stopPropagation();
        return;
      }
      const before = fingers.get(event.pointerId);
      if (before === undefined) return;
      if (fingers.size >= 2) {
        const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1] ?? before;
        const spread = distance(here, other) / Math.max(1, distance(before, other));
        zoom(spread, { x: (here.x + other.x) / 2, y: (here.y + other.y) / 2 });
        element.scrollBy((before.x - here.x) / 2, (before.y - here.y) / 2);
        event.stopPropagation();
      }
      fingers.set(event.pointerId, here);
    };
    const up = (event: PointerEvent) => {
      fingers.delete(event.pointerId);
      if (panning !== null) event.stopPropagation();
      panning = null;
    };
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY });
    };
    const held = (event: KeyboardEvent) => {
      if (event.key !== " " || event.target instanceof HTMLButtonElement) return;
      space = event.type === "keydown";
      element.classList.toggle("pan", space);
      event.preventDefault();
    };

    element.addEventListener("pointerdown", down, true);
    element.addEventListener("pointermove", move, true);
    element.addEventListener("pointerup", up, true);
    element.addEventListener("pointercancel", up, true);
    element.addEventListener("wheel", wheel, { passive: false });
    addEventListener("keydown", held);
    addEventListener("keyup", held);
    return () => {
      element.removeEventListener("pointerdown", down, true);
      element.removeEventListener("pointermove", move, true);
      element.removeEventListener("pointerup", up, true);
      element.removeEventListener("pointercancel", up, true);
      element.removeEventListener("wheel", wheel);
      removeEventListener("keydown", held);
      removeEventListener("keyup", held);
    };
  }, []);
}

function distance(one: { x: number; y: number }, other: { x: number; y: number }): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
