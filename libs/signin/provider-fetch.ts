import { lookup as lookUpHost } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, fetch as undiciFetch } from 'undici';

/** `public`: only addresses of the open internet; `any`: also private networks and this machine. */
export type Reach = 'public' | 'any';

/** Most bytes of an answer; a discovery document has 5 kB, metadata of a federation of one 30 kB. */
const mostBytes = 1024 * 1024;

/** Special-use ranges of RFC 6890 and its successors, and what clouds answer their machines on. */
const special = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  special.addSubnet(network, prefix, 'ipv6');

/** Whether an address is one of the open internet. An IPv4 address in IPv6 clothes is looked at as what it is. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return !special.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function refusal(host: string): Error {
  return Object.assign(new TypeError(`${host} is not an address of the open internet`), { code: 'ADDRESS_REFUSED' });
}

/** Looks a name up once and connects to what was checked, so that a second answer cannot lead elsewhere. */
const publicLookup: LookupFunction = (host, options, done) => {
  lookUpHost(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, '', 0);
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (refused !== undefined || first === undefined) return done(refusal(host), '', 0);
    if (options.all === true) return done(null, addresses);
    done(null, first.address, first.family);
  });
};

const agents: Readonly<Record<Reach, Agent>> = {
  public: new Agent({ connect: { lookup: publicLookup }, maxResponseSize: mostBytes, pipelining: 0 }),
  any: new Agent({ maxResponseSize: mostBytes, pipelining: 0 }),
};

/**
 * `fetch` for addresses that a tenant names: no redirect is followed, the answer has at most 1 MB, and with `public`
 * only addresses of the open internet on the usual port are reached, whatever a name resolves to.
 */
export function providerFetch(reach: Reach): typeof fetch {
  const guarded = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (reach === 'public') refuseSpecial(url);
    const answer = await undiciFetch(url, {
      ...(init as object),
      redirect: 'manual',
      dispatcher: agents[reach],
    });
    return answer as unknown as Response;
  };
  return guarded;
}

function refuseSpecial(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:') throw refusal(`${url.protocol}//${host}`);
  if (url.port !== '' && url.port !== '443' && url.port !== '8443') throw refusal(url.host);
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refusal(host);
}
