// The daemon's messages: a WebSocket that comes back by itself, and the same form over HTTP.

/** u32 length, JSON header, float32 arrays, from a place on: {kind, header, arrays: {name: Float32Array}, shapes, end}. */
export function decode(buffer, from = 0) {
  const length = new DataView(buffer).getUint32(from, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, from + 4, length)));
  const arrays = {}, shapes = {};
  let at = from + 4 + length;
  for (const entry of header.arrays) {
    const count = entry.shape.reduce((a, b) => a * b, 1);
    arrays[entry.name] = new Float32Array(buffer, at, count);
    shapes[entry.name] = entry.shape;
    at += 4 * count;
  }
  return { kind: header.schema.split('/')[0].slice(4), header, arrays, shapes, end: at };
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

/** All messages of a reply, one behind the other: {kind: message}. */
async function getMessages(path) {
  const reply = await fetch(path);
  if (!reply.ok) throw new Error((await reply.json()).error);
  const buffer = await reply.arrayBuffer(), out = {};
  for (let at = 0; at < buffer.byteLength;) {
    const message = decode(buffer, at);
    out[message.kind] = message;
    at = message.end;
  }
  return out;
}

/** The curve of a point of a map. */
export const getPoint = async (uid, place) => Object.values(await getMessages(`api/v1/points/${uid}/${place}`))[0];

/** The messages of a kept final. */
export async function getFinal(uid, kinds) {
  const out = {};
  for (const kind of kinds) Object.assign(out, await getMessages(`api/v1/results/${uid}/${kind}`));
  return out;
}

/** What a file of the archive holds. */
export const getArchived = (name) => getMessages(`api/v1/archive/${name}/messages`);

/** The waterfall of before: {q, rows, results}. */
export async function getRows(of) {
  const { rows: { header, arrays } } = await getMessages(`api/v1/rows/${of}`);
  return { results: header.results, q: arrays.q, rows: arrays.rows };
}
