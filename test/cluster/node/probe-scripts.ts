/** A script for `node -e` that prints status and body of a GET; arguments are address and Host header. */
export const getScript = `
const [address, host] = process.argv.slice(1);
const request = require('node:http').get(address, { headers: host ? { host } : {}, timeout: 5000 }, (response) => {
  let body = '';
  response.setEncoding('utf8').on('data', (text) => (body += text)).on('end', () => {
    console.log(JSON.stringify({ status: response.statusCode, body }));
  });
});
request.on('timeout', () => request.destroy(new Error('timeout')));
request.on('error', (error) => console.log(JSON.stringify({ status: 0, body: String(error.code ?? error) })));
`;

/** A script for `node -e` that prints \`open\`, or why a TCP connection could not be opened; arguments are host and port. */
export const connectScript = `
const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port), timeout: 5000 });
const end = (word) => { console.log(word); process.exit(0); };
socket.on('connect', () => end('open'));
socket.on('timeout', () => end('timeout'));
socket.on('error', (error) => end(error.code));
`;

/** What a refusal by a policy looks like to the one who calls: an answer that a closed port does not give. */
export const refused = 'EHOSTUNREACH';
