import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { NewPasskeyOptions, PasskeyOptions } from '#libs/contracts/passkey-api.js';

/** What an honest authenticator and browser would not do. */
export interface Lies {
  readonly origin?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly isUserPresent?: boolean;
  readonly isUserVerified?: boolean;
  readonly counter?: number;
  readonly credentialId?: string;
  readonly userHandle?: string | null;
  readonly crossOrigin?: boolean;
  /** Signs with a key that was never shown. */
  readonly withOtherKey?: boolean;
  /** Changes what was signed, after it was. */
  readonly spoil?: 'signature' | 'authenticatorData' | 'clientData';
}

/** A passkey in memory, and the browser around it: WebAuthn level 3, sections 6.1 and 6.5, for one P-256 key. */
export class SoftwareAuthenticator {
  readonly id = randomBytes(32).toString('base64url');
  private readonly key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private counter = 0;
  private userHandle: string | null = null;

  /** @param origin of the page that asks */
  constructor(private readonly origin: string) {}

  /** Answers `navigator.credentials.create`. */
  make({ rp, user, challenge }: NewPasskeyOptions, lies: Lies = {}) {
    this.userHandle = user.id;
    const attested = Buffer.concat([
      Buffer.alloc(16),
      Buffer.from([0, 32]),
      Buffer.from(lies.credentialId ?? this.id, 'base64url'),
      coseKey(this.key.publicKey),
    ]);
    const authData = Buffer.concat([this.authData(rp.id, lies, 0x40), attested]);
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      response: {
        clientDataJSON: this.clientData('webauthn.create', challenge, lies).toString('base64url'),
        attestationObject: attestation(authData).toString('base64url'),
        transports: ['internal'],
      },
      clientExtensionResults: {},
    };
  }

  /** Answers `navigator.credentials.get`. */
  answer({ rpId, challenge }: PasskeyOptions, lies: Lies = {}) {
    this.counter += 1;
    const authData = this.authData(rpId, { counter: this.counter, ...lies }, 0);
    const clientData = this.clientData('webauthn.get', challenge, lies);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    const { privateKey } = lies.withOtherKey === true ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : this.key;
    const signature = sign('sha256', signed, privateKey);
    const id = lies.credentialId ?? this.id;
    return {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: spoilt(clientData, lies.spoil === 'clientData', -3).toString('base64url'),
        authenticatorData: spoilt(authData, lies.spoil === 'authenticatorData', -1).toString('base64url'),
        signature: spoilt(signature, lies.spoil === 'signature', -1).toString('base64url'),
        userHandle: lies.userHandle === undefined ? this.userHandle : lies.userHandle,
      },
      clientExtensionResults: {},
    };
  }

  private clientData(type: string, challenge: string, lies: Lies): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? this.origin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );
  }

  private authData(rpId: string, lies: Lies, more: number): Buffer {
    const present = lies.isUserPresent === false ? 0 : 0x01;
    const verified = lies.isUserVerified === false ? 0 : 0x04;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? 0);
    const rpIdHash = createHash('sha256')
      .update(lies.rpId ?? rpId)
      .digest();
    return Buffer.concat([rpIdHash, Buffer.from([present | verified | more]), counter]);
  }
}

function spoilt(bytes: Buffer, isSpoilt: boolean, at: number): Buffer {
  if (!isSpoilt) return bytes;
  const copy = Buffer.from(bytes);
  const index = copy.length + at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

/** CBOR (RFC 8949) of {"fmt": "none", "attStmt": {}, "authData": …}. */
function attestation(authData: Buffer): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(authData.length);
  return Buffer.concat([
    Buffer.from([0xa3, 0x63]),
    Buffer.from('fmt'),
    Buffer.from([0x64]),
    Buffer.from('none'),
    Buffer.from([0x67]),
    Buffer.from('attStmt'),
    Buffer.from([0xa0, 0x68]),
    Buffer.from('authData'),
    Buffer.from([0x59]),
    size,
    authData,
  ]);
}

/** COSE (RFC 9053) of a P-256 key for ES256. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]),
    Buffer.from(x, 'base64url'),
    Buffer.from([0x22, 0x58, 0x20]),
    Buffer.from(y, 'base64url'),
  ]);
}
