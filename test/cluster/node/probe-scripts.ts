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

/** A script for `node -e` that prints which mounted files hold private keys of service tokens. */
export const privateKeysScript = `
const { readdirSync, readFileSync, statSync } = require('node:fs');
const found = readdirSync('/etc/whisper', { recursive: true })
  .map((name) => '/etc/whisper/' + name)
  .filter((path) => !path.includes('/..') && statSync(path).isFile() && /"d": *"/.test(readFileSync(path, 'utf8')));
console.log(found.join(' ') || 'none');
`;

/**
 * A script for `node -e` that prints the status of an exchange for the pod's own tenant; the argument is a token in
 * place of the pod's own.
 */
export const exchangeScript = `
const { readFileSync } = require('node:fs');
const { id: tenant, epoch } = JSON.parse(readFileSync(process.env.WHISPER_TENANT_FILE, 'utf8'));
const token = process.argv[1] ?? readFileSync(process.env.WHISPER_POD_TOKEN, 'utf8');
fetch(process.env.WHISPER_ROUTER_URL + '/internal/token', {
  method: 'POST',
  headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' },
  body: JSON.stringify({ audience: 'whisper-router', tenant, epoch, actor: null }),
}).then(({ status }) => console.log(status), (error) => console.log(String(error.cause ?? error)));
`;

/** What a refusal by a policy looks like to the one who calls: an answer that a closed port does not give. */
export const refused = 'EHOSTUNREACH';
