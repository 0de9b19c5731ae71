// A server that has moved: every request is sent elsewhere.

import { createServer, STATUS_CODES } from "node:http";

const LOCATION = "http://elsewhere.test/socket.io/";

const server = createServer((_, response) => response.writeHead(307, { location: LOCATION }).end());
server.on("upgrade", (_, socket) => {
  socket.end(`HTTP/1.1 307 ${STATUS_CODES[307]}\r\nLocation: ${LOCATION}\r\nContent-Length: 0\r\n\r\n`);
});
server.listen(0, "127.0.0.1", () => console.log(`ready: http://127.0.0.1:${server.address().port}`));
