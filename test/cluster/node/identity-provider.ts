import { randomBytes } from 'node:crypto';
import { scriptPod } from './script-pods.js';

/** A host that pods and browsers find at the node. */
const host = 'idp.localhost';
/** Name of the Secret that a tenant's manifest refers to. */
const secretName = 'idp';

/** An identity provider that runs in the cluster. */
export interface IdentityProvider {
  readonly namespace: string;
  readonly objects: readonly object[];
  /** Text of the Secret `idp` of the tenant. */
  readonly clientSecret: string;
  readonly secretName: string;
  /** `spec.sso` of the tenant that people enter by it. */
  readonly sso: object;
}

/** Real OpenID Connect for one tenant, whose chat is at `chatUrl`. */
export function identityProvider(image: string, chatUrl: string, port: number): IdentityProvider {
  const clientSecret = randomBytes(16).toString('hex');
  const issuer = `http://${host}:${port}`;
  const redirect = `${chatUrl}/api/sign-in/oidc/callback`;
  return {
    namespace: 'idp',
    clientSecret,
    secretName,
    objects: scriptPod({
      name: 'idp',
      namespace: 'idp',
      image,
      script: './idp-process.js',
      args: [issuer, redirect],
      port,
      environment: { CLIENT_SECRET: clientSecret },
      // Its address must be the same for pods and for browsers.
      isOnHost: true,
    }),
    sso: {
      type: 'oidc',
      oidc: {
        issuer,
        clientId: 'whisper',
        clientSecretRef: { name: secretName },
        scopes: ['openid', 'email', 'profile', 'groups'],
      },
      groupRoleMap: [{ group: 'it', role: 'admin' }],
    },
  };
}
