import { useEffect, useRef, useState } from "preact/hooks";
import { explain } from "../api/errors";
import type { Box } from "../api/types";
import { loadStored, type StoredImage } from "../lib/stored-image";

export interface DrawnBox {
  readonly box: Box;
  /** How it is drawn: `truth`, `right`, `wrong`, `missed`, or a colour of its own. */
  readonly kind: "truth" | "right" | "wrong" | "missed";
}

interface BoxPictureProps {
  /** Null when there is no image to show any more. */
  readonly url: string | null;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly DrawnBox[];
  readonly alt: string;
}

/** An image as it is stored, with boxes drawn over it; loaded when it comes near the window. */
export function BoxPicture({ url, width, height, boxes, alt }: BoxPictureProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [image, setImage] = useState<StoredImage | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    if (url === null || frame.current === null) return;
    const left = new AbortController();
    let loaded: StoredImage | null = null;
    const near = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        near.disconnect();
        loadStored(url, left.signal).then(
          (stored) => {
            loaded = stored;
            if (left.signal.aborted) URL.revokeObjectURL(stored.url);
            else setImage(stored);
          },
          (error: unknown) => {
            if (!left.signal.aborted) setFault(explain(error));
          },
        );
      },
      { rootMargin: "400px" },
    );
    near.observe(frame.current);
    return () => {
      left.abort();
      near.disconnect();
      if (loaded !== null) URL.revokeObjectURL(loaded.url);
    };
  }, [url]);

  return (
    <div class="picture" ref={frame} style={{ aspectRatio: "4 / 3" }}>
      {image !== null && <img src={image.url} alt={alt} />}
      {image === null && (
        <p class="small">{url === null ? "The image is not kept any more." : (fault ?? "…")}</p>
      )}
      <BoxLayer width={width} height={height} boxes={boxes} />
    </div>
  );
}

export function BoxLayer({ width, height, boxes }: Pick<BoxPictureProps, "width" | "height" | "boxes">) {
  return (
    <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="xMidYMid meet" aria-hidden="true">
      {boxes.map(({ box, kind }, place) => (
        <g key={place} class={`drawn ${kind}`}>
          <rect class="under" x={box.left} y={box.top} width={box.width} height={box.height} />
          <rect class="over" x={box.left} y={box.top} width={box.width} height={box.height} />
        </g>
      ))}
    </svg>
  );
}
