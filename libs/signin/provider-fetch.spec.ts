import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isPublicAddress, providerFetch } from './provider-fetch.js';

describe('addresses of the open internet', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    'fe80::1',
    'fd00::1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    'localhost',
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('asking what a tenant names', () => {
  let server: Server;
  let base: string;
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/away') response.writeHead(302, { location: '/inside' });
      if (request.url === '/large') response.write(Buffer.alloc(2 * 1024 * 1024));
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each([
    ['loopback', 'https://127.0.0.1/'],
    ['loopback written otherwise', 'https://2130706433/'],
    ['loopback in octal', 'https://0177.0.0.1/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/'],
    ['the link-local metadata service', 'https://169.254.169.254/latest/'],
    ['a name that resolves to loopback', 'https://localhost/'],
    ['plain http', 'http://example.org/'],
    ['another port', 'https://example.org:22/'],
  ])('refuses %s', async (_case, url) => {
    const error: unknown = await providerFetch('public')(url).catch((cause: unknown) => cause);

    expect(isRefusal(error)).toBe(true);
  });

  it('follows no redirect', async () => {
    const answer = await providerFetch('any')(`${base}/away`);

    expect(answer.status).toBe(302);
    expect(asked).not.toContain('/inside');
  });

  it('stops at a megabyte', async () => {
    await expect(providerFetch('any')(`${base}/large`).then((answer) => answer.text())).rejects.toThrow('terminated');
  });
});

function isRefusal(error: unknown): boolean {
  const codeOf = (one: unknown) => (one as { code?: string } | undefined)?.code;
  return codeOf(error) === 'ADDRESS_REFUSED' || codeOf((error as Error).cause) === 'ADDRESS_REFUSED';
}
