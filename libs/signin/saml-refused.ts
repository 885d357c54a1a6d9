/** A message of a SAML provider that is not taken; the text starts with a code of docs/guides/single-sign-on.md. */
export class SamlRefused extends Error {
  override readonly name = 'SamlRefused';

  constructor(
    readonly code: string,
    detail = '',
  ) {
    super(detail === '' ? code : `${code}: ${detail}`.slice(0, 250));
  }
}
