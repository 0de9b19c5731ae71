// How the reference is told to compress, by the same environment as the fixtures.

/** The option of that name. */
export function perMessageDeflate() {
  switch (process.env.DEFLATE) {
    case "with-contexts":
      return true;
    case "without-contexts":
      return { serverNoContextTakeover: true, clientNoContextTakeover: true };
    default:
      return false;
  }
}
