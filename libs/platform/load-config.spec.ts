import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './load-config.js';

describe('loadConfig', () => {
  it('has a default for everything', () => {
    const config = loadConfig({}, { XDG_DATA_HOME: '/home/x/.data' });

    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4780,
      trustedProxies: [],
      traceRatio: 0.25,
      probeModels: true,
    });
    expect(config.secrets).toBe(`${config.data}/secrets`);
    expect(config.tenants).toMatch(/examples\/tenants$/);
  });

  it('lets an option win over the environment', () => {
    expect(loadConfig({ port: '5000' }, { WHISPER_PORT: '6000' }).port).toBe(5000);
    expect(loadConfig({}, { WHISPER_PORT: '6000', DATABASE_URL: 'postgres://x' })).toMatchObject({
      port: 6000,
      databaseUrl: 'postgres://x',
    });
  });

  it('takes the backends that are mounted beside the tenant, and an empty variable for none', () => {
    expect(
      loadConfig({}, { WHISPER_TENANT_FILE: '/etc/whisper/tenant/tenant.json', WHISPER_SHARDS: '' }),
    ).toMatchObject({
      tenantFile: '/etc/whisper/tenant/tenant.json',
      backendsFile: '/etc/whisper/tenant/backends.json',
      shards: undefined,
    });
    expect(() => loadConfig({}, { WHISPER_ISOLATION: 'shared' })).toThrow('WHISPER_ISOLATION');
  });

  it('reads lists and pairs', () => {
    const config = loadConfig(
      { trustedProxies: '10.0.0.0/8, ::1' },
      { WHISPER_PROBE_PORTS: 'ollama=1,vllm=2,lmstudio=3,llamacpp=4' },
    );

    expect(config.trustedProxies).toEqual(['10.0.0.0/8', '::1']);
    expect(config.probePorts).toEqual({ ollama: 1, vllm: 2, lmstudio: 3, llamacpp: 4 });
  });

  it.each([
    ['a port that is none', { port: 'http' }, '--port'],
    ['a port past the last', { port: '70000' }, '--port'],
    ['a public address that is none', { publicUrl: 'chat.example.com' }, '--public-url'],
  ])('names the option of %s', (_case, options, name) => {
    expect(() => loadConfig(options, {})).toThrow(name);
  });
});
