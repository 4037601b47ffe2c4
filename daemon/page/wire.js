// The daemon's messages: a WebSocket that comes back by itself, and the same form over HTTP.

/** u32 length, JSON header, float32 arrays: {kind, header, arrays: {name: Float32Array}, shapes}. */
export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = {}, shapes = {};
  let at = 4 + length;
  for (const entry of header.arrays) {
    const count = entry.shape.reduce((a, b) => a * b, 1);
    arrays[entry.name] = new Float32Array(buffer, at, count);
    shapes[entry.name] = entry.shape;
    at += 4 * count;
  }
  return { kind: header.schema.split('/')[0].slice(4), header, arrays, shapes };
}

/** Calls onMessage for every message, onLink(true | false) when the link comes and goes. Tries again after 0.5 to 5 s. */
export function connect(onMessage, onLink) {
  let wait = 500;
  const open = () => {
    const socket = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/ws');
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => { wait = 500; onLink(true); };
    socket.onmessage = (event) => onMessage(decode(event.data));
    socket.onclose = () => {
      onLink(false);
      setTimeout(open, wait);
      wait = Math.min(5000, wait * 1.5);
    };
  };
  open();
}

export async function getJson(path) {
  const reply = await fetch(path);
  if (!reply.ok) throw new Error((await reply.json()).error);
  return reply.json();
}

async function getMessage(path) {
  const reply = await fetch(path);
  if (!reply.ok) throw new Error((await reply.json()).error);
  return decode(await reply.arrayBuffer());
}

/** The curve of a point of a map. */
export const getPoint = (uid, place) => getMessage(`api/v1/points/${uid}/${place}`);

/** The messages of a kept final: {kind: message}. */
export async function getFinal(uid, kinds) {
  const out = {};
  for (const kind of kinds) out[kind] = await getMessage(`api/v1/results/${uid}/${kind}`);
  return out;
}
