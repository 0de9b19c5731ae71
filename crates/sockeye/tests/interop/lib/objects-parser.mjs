// A parser of one's own for the JavaScript client: each packet is one JSON object, binary data in base64 beside it.
// `Objects` of the example `custom-parser` is its counterpart. Packets without binary data are as those of npm's
// `socket.io-json-parser`.

import { EventEmitter } from "node:events";

export const protocol = 5;

export class Encoder {
  encode({ type, nsp, data, id }) {
    const attachments = [];
    const packet = { type, nsp, data: detach(data, attachments), id };
    return [JSON.stringify(attachments.length > 0 ? { ...packet, attachments } : packet)];
  }
}

export class Decoder extends EventEmitter {
  add(text) {
    const { attachments, ...packet } = JSON.parse(text);
    if (attachments) packet.data = attach(packet.data, attachments);
    this.emit("decoded", packet);
  }

  destroy() {}
}

function detach(value, attachments) {
  if (value instanceof ArrayBuffer) return detach(Buffer.from(value), attachments);
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { _placeholder: true, num: attachments.push(bytes.toString("base64")) - 1 };
  }
  return inside(value, (item) => detach(item, attachments));
}

function attach(value, attachments) {
  if (value?._placeholder === true) return Buffer.from(attachments[value.num], "base64");
  return inside(value, (item) => attach(item, attachments));
}

function inside(value, change) {
  if (Array.isArray(value)) return value.map(change);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
}
