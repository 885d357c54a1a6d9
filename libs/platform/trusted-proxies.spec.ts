import { describe, expect, it } from '@jest/globals';
import { TrustedProxies } from './trusted-proxies.js';

const request = (peer: string, headers: Record<string, string>) => ({
  headers: { host: 'acme.localhost:4780', ...headers },
  socket: { remoteAddress: peer },
});
const forwarded = { 'x-forwarded-host': 'chat.acme.example', 'x-forwarded-for': '198.51.100.7, 203.0.113.9, 10.0.0.2' };

describe('TrustedProxies', () => {
  it('believes nobody unless told', () => {
    const view = new TrustedProxies([]).view(request('10.0.0.1', forwarded));

    expect(view).toEqual({ authority: 'acme.localhost:4780', host: 'acme.localhost', address: '10.0.0.1' });
  });

  it('believes a trusted proxy, and takes the last address that is not one', () => {
    const view = new TrustedProxies(['10.0.0.0/8']).view(request('::ffff:10.0.0.1', forwarded));

    expect(view).toEqual({ authority: 'chat.acme.example', host: 'chat.acme.example', address: '203.0.113.9' });
  });

  it('does not believe a peer outside the list', () => {
    expect(new TrustedProxies(['10.0.0.0/8']).view(request('192.0.2.1', forwarded)).host).toBe('acme.localhost');
  });

  it.each(['10.0.0.0/33', 'example.com', '10.0.0/8', '::1/200'])('refuses %s', (cidr) => {
    expect(() => new TrustedProxies([cidr])).toThrow('is not an address or CIDR');
  });
});
