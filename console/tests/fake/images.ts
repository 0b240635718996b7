import { deflateSync } from "node:zlib";

/** A PNG of one picture of a card on a table, small enough to make hundreds of. */
export function cardPng(
  width: number,
  height: number,
  card: { left: number; top: number; width: number; height: number },
) {
  const rows: Buffer[] = [];
  for (let y = 0; y < height; y += 1) {
    const row = Buffer.alloc(1 + width * 3);
    for (let x = 0; x < width; x += 1) {
      const inside =
        x >= card.left && x < card.left + card.width && y >= card.top && y < card.top + card.height;
      const stripe = inside && (y - card.top) % 40 > 30 && x > card.left + card.width * 0.4;
      const photo = inside && x < card.left + card.width * 0.33 && y > card.top + card.height * 0.25;
      const colour = photo
        ? [150, 160, 175]
        : stripe
          ? [90, 110, 140]
          : inside
            ? [226, 232, 240]
            : [104 + (x % 7), 88, 74];
      row.set(colour, 1 + x * 3);
    }
    rows.push(row);
  }
  return png(width, height, Buffer.concat(rows));
}

function png(width: number, height: number, raw: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(raw)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
