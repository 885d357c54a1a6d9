import { z } from 'zod';

const Port = z.coerce.number().int().min(1).max(65_534);

/** Every setting, with a default that works on one machine. The reference page is made from this. */
export const ConfigSchema = z.object({
  host: z.string().default('127.0.0.1').describe('Address to listen on (--host, WHISPER_HOST).'),
  port: Port.default(4780).describe('Public port (--port, WHISPER_PORT). The internal port is the next one.'),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Address people use, where a proxy stands in front (--public-url, WHISPER_PUBLIC_URL). Tenants live at <name>.<its host>.',
    ),
  trustedProxies: z
    .array(z.string())
    .default([])
    .describe('CIDRs whose X-Forwarded-* headers are believed (--trusted-proxies, WHISPER_TRUSTED_PROXIES).'),
  tenants: z
    .string()
    .describe('Folder of tenant and backend manifests (--tenants, WHISPER_TENANTS). Default: examples/tenants.'),
  secrets: z.string().describe('Folder of secrets (--secrets, WHISPER_SECRETS). Default: <data>/secrets.'),
  data: z.string().describe('Folder of everything that must survive (--data, WHISPER_DATA).'),
  databaseUrl: z.string().optional().describe('PostgreSQL 16 or newer instead of the embedded one (DATABASE_URL).'),
  redisUrl: z.string().optional().describe('Redis for jobs and messages between replicas (REDIS_URL).'),
  otlpEndpoint: z
    .string()
    .optional()
    .describe('OTLP/HTTP endpoint for traces (OTEL_EXPORTER_OTLP_ENDPOINT); none: no tracing.'),
  traceRatio: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Share of requests that are traced (WHISPER_TRACE_RATIO).'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged (WHISPER_LOG_LEVEL).'),
  probeModels: z.stringbool().default(true).describe('Look for model servers on loopback (WHISPER_PROBE_MODELS).'),
  probePorts: z
    .object({ ollama: Port, vllm: Port, lmstudio: Port, llamacpp: Port })
    .default({ ollama: 11434, vllm: 8000, lmstudio: 1234, llamacpp: 8080 })
    .describe('Where to look for them (WHISPER_PROBE_PORTS, as ollama=11434,vllm=8000,…).'),
  bootId: z.string().describe('Names this start of this process.'),
});

export type Config = z.infer<typeof ConfigSchema>;
