import "@annotorious/annotorious/annotorious.css";
import { type ImageAnnotation, ShapeType, createImageAnnotator } from "@annotorious/annotorious";
import { Origin } from "@annotorious/core";
import { type EditedBox, type Rect, isSameRect } from "./boxes";

/** What somebody does to boxes with a pointer. */
export interface Hands {
  readonly onDrawn: (id: string, rect: Rect) => void;
  readonly onDragged: (id: string, rect: Rect) => void;
  readonly onSelected: (id: string | null) => void;
}

export interface Annotator {
  /** Show these boxes; `colour` gives the colour of each. */
  show(boxes: readonly EditedBox[], selected: string | null, colour: (box: EditedBox) => string): void;
  /** Forget a box that is half drawn. */
  cancel(): void;
  destroy(): void;
}

/**
 * Draw boxes over an image with Annotorious.
 *
 * The state is ours: what hands do is told, what is to be seen is shown. Colours come by a style sheet of
 * rules for each box, for the Content-Security-Policy allows no `style` attributes.
 */
export function makeAnnotator(image: HTMLImageElement, hands: Hands): Annotator {
  const annotator = createImageAnnotator(image, { drawingMode: "drag", autoSave: true, theme: "light" });
  const { store } = annotator.state;
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  let showing = false;

  store.observe(
    ({ changes }) => {
      for (const created of changes.created ?? []) hands.onDrawn(created.id, rectOf(created));
      for (const { newValue } of changes.updated ?? []) hands.onDragged(newValue.id, rectOf(newValue));
    },
    { origin: Origin.LOCAL },
  );
  annotator.on("selectionChanged", ([first]) => {
    if (!showing) hands.onSelected(first?.id ?? null);
  });
  const layer = annotator.element.querySelector("svg");
  layer?.setAttribute("aria-label", "Image: draw boxes with a pointer, or press N for a new box");
  const handles = new MutationObserver(() => hideHandles(annotator.element));
  handles.observe(annotator.element, { childList: true, subtree: true });
  const ofNextBox = (event: PointerEvent) => drawBesideSelected(annotator.element, event);
  annotator.element.addEventListener("pointerdown", ofNextBox, true);

  return {
    show: (boxes, selected, colour) => {
      showing = true;
      try {
        const wanted = new Set(boxes.map(({ id }) => id));
        for (const { id } of store.all()) if (!wanted.has(id)) store.deleteAnnotation(id, Origin.REMOTE);
        for (const box of boxes) {
          const there = store.getAnnotation(box.id);
          if (there === undefined) store.addAnnotation(annotationOf(box), Origin.REMOTE);
          else if (!isSameRect(rectOf(there), box)) store.updateAnnotation(annotationOf(box), Origin.REMOTE);
        }
        const chosen = annotator.getSelected()[0]?.id ?? null;
        if (chosen !== selected) annotator.setSelected(selected ?? undefined, true);
      } finally {
        showing = false;
      }
      sheet.replaceSync(boxes.map((box) => rulesOf(box, colour(box), box.id === selected)).join("\n"));
    },
    cancel: () => annotator.cancelDrawing(),
    destroy: () => {
      annotator.element.removeEventListener("pointerdown", ofNextBox, true);
      handles.disconnect();
      annotator.destroy();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    },
  };

  /** While a box is selected Annotorious draws no other: let go of it first, and then press again. */
  function drawBesideSelected(element: HTMLElement, event: PointerEvent): void {
    const svg = element.querySelector("svg");
    const target = event.target as Element;
    const outside = target === svg || target.closest(".a9s-annotation.selected") === null;
    if (!event.isTrusted || svg === null || !outside || annotator.getSelected().length === 0) return;
    if (event.button !== 0) return;
    event.stopImmediatePropagation();
    annotator.setSelected();
    hands.onSelected(null);
    const again = new PointerEvent("pointerdown", event);
    // Its drawing tool is there once Svelte has drawn, a few microtasks later.
    setTimeout(() => svg.dispatchEvent(again));
  }
}

/** The handles are for pointers; people at the keyboard have keys of their own, and no nameless buttons. */
function hideHandles(element: HTMLElement): void {
  for (const handle of element.querySelectorAll("svg [role=button]")) {
    handle.removeAttribute("role");
    handle.setAttribute("tabindex", "-1");
  }
}

function rectOf(annotation: ImageAnnotation): Rect {
  const { x, y, w, h } = annotation.target.selector.geometry as unknown as {
    x: number;
    y: number;
    w: number;
    h: number;
  };
  return { left: x, top: y, width: w, height: h };
}

function annotationOf(box: EditedBox): ImageAnnotation {
  const { left: x, top: y, width: w, height: h } = box;
  const bounds = { minX: x, minY: y, maxX: x + w, maxY: y + h };
  return {
    id: box.id,
    bodies: [],
    target: {
      annotation: box.id,
      selector: { type: ShapeType.RECTANGLE, geometry: { x, y, w, h, rot: 0, bounds } },
    },
  } as ImageAnnotation;
}

function rulesOf(box: EditedBox, colour: string, selected: boolean): string {
  const inside = selected ? ".a9s-annotation.selected" : `.a9s-annotation[data-id="${CSS.escape(box.id)}"]`;
  const dashes = box.suggested ? "stroke-dasharray: 7 5;" : "";
  const fill = `color-mix(in srgb, ${colour} ${selected ? 16 : 8}%, transparent)`;
  return `.bench .a9s-annotationlayer ${inside} .a9s-inner { stroke: ${colour}; fill: ${fill}; stroke-width: 2.5px; ${dashes} }`;
}
