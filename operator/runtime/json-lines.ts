/** The JSON values of a stream, one a line, as they come. A last line without its end is left out: it was cut. */
export async function* jsonLines(stream: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  let rest: Buffer[] = [];
  for await (const chunk of stream) {
    let bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10)) {
      rest.push(bytes.subarray(0, end));
      const line = Buffer.concat(rest).toString('utf8');
      rest = [];
      bytes = bytes.subarray(end + 1);
      if (line !== '') yield JSON.parse(line);
    }
    if (bytes.length > 0) rest.push(bytes);
  }
}
