import { z } from 'zod';

/** API group and version of every manifest kind. */
export const manifestApiVersion = 'whisperengine.ai/v1alpha1';

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const hostName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

interface CelRule {
  readonly rule: string;
  readonly message: string;
}

/**
 * The twin of a refinement for the Kubernetes API server, which knows no zod. Each list and text that a rule reads
 * is bounded, or the API server refuses the definition for what the rule could cost.
 */
export const celRules = (...rules: readonly CelRule[]) => ({ 'x-kubernetes-validations': rules });

/** The API server merges and compares such a list by the value of `key`, which each entry has for itself. */
export const listMapBy = (key: string) => ({
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
});

/** Name of a manifest object: an RFC 1123 label of at most 40 characters, since objects derived from it add to it. */
export const ManifestName = z
  .string()
  .max(40, 'must have at most 40 characters')
  .regex(dnsLabel, 'must be lower-case letters, digits and inner hyphens (RFC 1123)');

/** Name of an object of the cluster that this platform did not name. */
export const ObjectName = z.string().regex(dnsLabel, 'must be an RFC 1123 label');

/** A host name without wildcard. */
export const HostName = z.string().max(253).regex(hostName, 'must be a lower-case host name without a wildcard');

/** An address of the web, with its twin rule. */
export const WebAddress = z
  .url({ protocol: /^https?$/ })
  .max(512)
  .meta(celRules({ rule: "self.matches('^https?://')", message: 'must be an http or https URL' }));

const secretKey = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores');

/** `name` and `key` of a secret: the file SECRETS/<tenant>/<name>/<key>, or a key of a Secret in a cluster. */
export const SecretRef = z
  .strictObject({
    name: ObjectName.describe('Folder of the secret.'),
    key: secretKey.default('value').describe('File of the secret.'),
  })
  .describe('Names a secret of this tenant.');
export type SecretRef = z.infer<typeof SecretRef>;

/** A Secret of the operator's namespace that holds the address of a service, with its login. */
export const ConnectionSecretRef = z.strictObject({
  name: ObjectName.describe('Name of a Secret in the namespace of the operator.'),
  key: secretKey.default('url').describe('Its key.'),
});

/** An amount of CPU or memory as Kubernetes writes it: `500m`, `2`, `1.5Gi`; a whole number needs no quotes. */
export const Quantity = z
  .union([
    z
      .string()
      .max(20)
      .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'must be a quantity like 500m, 2 or 1.5Gi'),
    z.int().min(0),
  ])
  .meta({ 'x-kubernetes-int-or-string': true });

/** A network in CIDR form, IPv4 or IPv6. */
export const NetworkRange = z
  .string()
  .max(43)
  .regex(
    /^([0-9]{1,3}(\.[0-9]{1,3}){3}\/([0-9]|[12][0-9]|3[0-2])|[0-9a-f:]+\/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))$/,
    'must be a network like 10.0.0.0/8 or fd00::/8',
  );

/** `metadata` of a manifest, as far as it is read. */
export const ManifestMetadata = z.object({
  name: ManifestName,
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
