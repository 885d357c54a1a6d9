import { BlockList, isIP } from 'node:net';
import { AppError } from '#libs/kernel/errors.js';

interface RawRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** What the browser asked, after the headers of proxies we trust. */
export interface ClientView {
  /** Host name in lower case, without the port. */
  readonly host: string;
  /** Host as sent, with the port: what an Origin is compared with. */
  readonly authority: string;
  readonly address: string;
}

function first(value: string | string[] | undefined): string | null {
  const text = Array.isArray(value) ? value[0] : value;
  return text === undefined ? null : (text.split(',')[0]?.trim() ?? null);
}

/** Believes X-Forwarded-Host and -For only from the addresses it was told. */
export class TrustedProxies {
  private readonly list = new BlockList();
  private readonly any: boolean;

  /** @throws {AppError} start_failed for a text that is no address or CIDR */
  constructor(cidrs: readonly string[]) {
    this.any = cidrs.length > 0;
    for (const cidr of cidrs) {
      const [address = '', bits] = cidr.split('/');
      const family = isIP(address);
      const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
      if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128))
        throw new AppError('start_failed', `"${cidr}" is not an address or CIDR.`, { field: 'trusted-proxies' });
      this.list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
    }
  }

  view(request: RawRequest): ClientView {
    const peer = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const trusted = this.any && isIP(peer) !== 0 && this.list.check(peer, isIP(peer) === 4 ? 'ipv4' : 'ipv6');
    const authority = (
      (trusted ? first(request.headers['x-forwarded-host']) : null) ??
      first(request.headers['host']) ??
      ''
    ).toLowerCase();
    const address = (trusted ? this.client(request.headers['x-forwarded-for']) : null) ?? peer;
    return { authority, host: hostName(authority), address };
  }

  /** The last address of the chain that is not a proxy of ours; what stands before it may be made up. */
  private client(header: string | string[] | undefined): string | null {
    const chain = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((part) => part.trim());
    for (const address of chain.reverse()) {
      const family = isIP(address);
      if (family === 0) return null;
      if (!this.list.check(address, family === 4 ? 'ipv4' : 'ipv6')) return address;
    }
    return null;
  }
}

/** `acme.localhost` of `acme.localhost:4780`; IPv6 keeps its brackets. */
export function hostName(authority: string): string {
  return authority.replace(/:\d+$/, '');
}
