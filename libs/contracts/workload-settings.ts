import { z } from 'zod';
import { celRules, Quantity } from './manifest-parts.js';

/** The apps of the platform that run as workloads of their own in a cluster. */
export const appNames = ['chat', 'router', 'admin'] as const;
export type AppName = (typeof appNames)[number];

const bounds = {
  min: z.int().min(1).max(100).optional().describe('Least pods.'),
  max: z.int().min(1).max(100).optional().describe('Most pods.'),
  targetCpu: z.int().min(10).max(100).optional().describe('CPU in use that pods are added at, percent of the request.'),
};

const minToMax = celRules({
  rule: '!has(self.min) || !has(self.max) || self.min <= self.max',
  message: 'min must not be above max',
});
const isOrdered = ({ min, max }: { readonly min?: number | undefined; readonly max?: number | undefined }) =>
  min === undefined || max === undefined || min <= max;
const notOrdered = { path: ['min'], message: 'must not be above max' };

const ChatScaling = z
  .strictObject({
    ...bounds,
    targetSockets: z.int().min(1).max(100_000).optional().describe('Open sockets of a pod that pods are added at.'),
  })
  .refine(isOrdered, notOrdered)
  .meta(minToMax);

const RouterScaling = z
  .strictObject({
    ...bounds,
    targetInFlight: z.int().min(1).max(100_000).optional().describe('Running calls of a pod that pods are added at.'),
  })
  .refine(isOrdered, notOrdered)
  .meta(minToMax);

const AdminScaling = z.strictObject(bounds).refine(isOrdered, notOrdered).meta(minToMax);

/** How many pods each app has. What is left out comes from the platform. */
export const Autoscaling = z
  .strictObject({ chat: ChatScaling.optional(), router: RouterScaling.optional(), admin: AdminScaling.optional() })
  .describe('How many pods each app has, and when it gets more.');
export type Autoscaling = z.infer<typeof Autoscaling>;

const amounts = z.strictObject({ cpu: Quantity.optional(), memory: Quantity.optional() });

/** CPU and memory of a container, as Kubernetes means them. */
export const Resources = z.strictObject({
  requests: amounts.optional().describe('What the scheduler keeps free.'),
  limits: amounts.optional().describe('What it may use at most.'),
});
export type Resources = z.infer<typeof Resources>;

/** Most that all pods of one tenant may ask for. */
export const Quotas = z
  .strictObject({
    cpu: Quantity.optional().describe('Sum of the CPU requests.'),
    memory: Quantity.optional().describe('Sum of the memory requests.'),
    pods: z.int().min(1).max(1_000).optional().describe('Number of pods.'),
  })
  .describe('Most that all pods of one tenant may ask for.');
export type Quotas = z.infer<typeof Quotas>;
