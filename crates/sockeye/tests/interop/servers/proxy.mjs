// A proxy that tunnels to one port of this machine, whatever host it is asked for, and only if it is asked with a password.

import { createServer } from "node:http";
import { connect } from "node:net";

const CREDENTIALS = `Basic ${Buffer.from("fish:water").toString("base64")}`;

const proxy = createServer((_, response) => response.writeHead(405).end());
proxy.on("connect", (request, near, head) => {
  if (request.headers["proxy-authorization"] !== CREDENTIALS) {
    near.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  const far = connect(process.env.TARGET_PORT, "127.0.0.1", () => {
    near.write("HTTP/1.1 200 Connection established\r\n\r\n");
    far.write(head);
    near.pipe(far).pipe(near);
  });
  for (const end of [near, far]) end.on("error", () => {});
  near.once("close", () => far.destroy());
  far.once("close", () => near.destroy());
});
proxy.listen(0, "127.0.0.1", () => console.log(`ready: http://127.0.0.1:${proxy.address().port}`));
