import { createPrivateKey, generateKeyPair, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { SamlKey } from '#libs/identity/ports/saml-connector.js';

/** Providers warn about certificates that end, and forget the warning; the key is replaced long before. */
const validYears = 10;
const sha256WithRsa = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
const commonName = Buffer.from('0603550403', 'hex');

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const bytes: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  const length = body.length < 128 ? [body.length] : [0x80 | bytes.length, ...bytes];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);

function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(text)))));
}

/** GeneralizedTime where the year needs it, UTCTime before 2050, as RFC 5280 section 4.1.2.5 asks. */
function time(moment: Date): Buffer {
  const digits = moment.toISOString().replace(/[-:T]|\.\d+/g, '');
  return moment.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

/**
 * A new RSA key pair and a certificate that it signs itself: SAML metadata carry keys as certificates, and nobody
 * looks at more of them than the key (RFC 5280 form, version 1).
 */
export async function makeSelfSigned(name: string, now: Date): Promise<SamlKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 3072,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + validYears);
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const validity = sequence(time(now), time(until));
  const body = sequence(der(0x02, serial), sha256WithRsa, nameOf(name), validity, nameOf(name), publicKey);
  const signature = sign('sha256', body, createPrivateKey(privateKey));
  const certificate = sequence(body, sha256WithRsa, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    privateKey,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
