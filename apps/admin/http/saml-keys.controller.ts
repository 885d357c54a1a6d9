import { X509Certificate } from 'node:crypto';
import { Controller, Get, Inject, Post } from '@nestjs/common';
import { listSamlKeys, publishSamlKey, type SamlKeys, useNextSamlKey } from '#libs/contracts/saml-api.js';
import { ManageSamlKeys } from '#libs/identity/app/manage-saml-keys.js';
import type { StoredSamlKey } from '#libs/identity/ports/saml-key-store.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';

/** The organisation's own SAML keys. */
@Controller()
export class SamlKeysController {
  constructor(@Inject(ManageSamlKeys) private readonly keys: ManageSamlKeys) {}

  @Get(listSamlKeys.path)
  @Returns(listSamlKeys)
  async list(@SignedIn() caller: SignedInCaller): Promise<SamlKeys> {
    return keysView(await this.keys.list(caller));
  }

  @Post(publishSamlKey.path)
  @Returns(publishSamlKey)
  async publish(@SignedIn() caller: SignedInCaller): Promise<SamlKeys> {
    return keysView(await this.keys.publishNext(caller));
  }

  @Post(useNextSamlKey.path)
  @Returns(useNextSamlKey)
  async use(@SignedIn() caller: SignedInCaller): Promise<SamlKeys> {
    return keysView(await this.keys.useNext(caller));
  }
}

function keysView(keys: readonly StoredSamlKey[]): SamlKeys {
  const items = keys.map(({ certificate, createdAt }, index) => {
    const { fingerprint256, validTo } = new X509Certificate(certificate);
    return {
      state: index === 0 ? ('inUse' as const) : ('next' as const),
      fingerprint: fingerprint256,
      createdAt: createdAt.toISOString(),
      expiresAt: new Date(validTo).toISOString(),
    };
  });
  return { items };
}
