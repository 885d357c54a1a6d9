import { SamlRefused } from './saml-refused.js';
import { attribute, childrenOf, isNamed, onlyChild, within, type XmlElement } from './saml-xml.js';

const signatureMethods = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
]);
const digestMethods = new Set(['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']);
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const transforms = new Set(['http://www.w3.org/2000/09/xmldsig#enveloped-signature', exclusive]);

/**
 * Looks at the shape of every signature in a message before anybody computes with it: each lies in `holders`, one in
 * each at most, names its holder and nothing else, and uses algorithms that still hold.
 * @returns how many there are
 * @throws {SamlRefused} ids_not_unique, signature_misplaced, signature_form, algorithm_refused
 */
export function checkSignatures(root: XmlElement, holders: readonly XmlElement[]): number {
  refuseEqualIds(root);
  const all = [...within(root)].filter(({ name }) => name === 'Signature');
  const placed = holders.map((holder) => ({ holder, signatures: childrenOf(holder, 'signature', 'Signature') }));
  const known = placed.flatMap(({ signatures }) => signatures);
  if (known.length !== all.length || placed.some(({ signatures }) => signatures.length > 1))
    throw new SamlRefused('signature_misplaced', 'a signature belongs to the response or to the assertion, once');
  for (const { holder, signatures } of placed) for (const signature of signatures) checkForm(signature, holder);
  return all.length;
}

function refuseEqualIds(root: XmlElement): void {
  const seen = new Set<string>();
  for (const element of within(root))
    for (const name of ['ID', 'Id', 'id']) {
      const id = attribute(element, name);
      if (id !== null && seen.has(id)) throw new SamlRefused('ids_not_unique', id);
      if (id !== null) seen.add(id);
    }
}

function checkForm(signature: XmlElement, holder: XmlElement): void {
  const info = theOne(signature, 'SignedInfo');
  theOne(signature, 'SignatureValue');
  const reference = theOne(info, 'Reference');
  const id = attribute(holder, 'ID') ?? '';
  if (id === '' || attribute(reference, 'URI') !== `#${id}`)
    throw new SamlRefused('signature_form', 'it signs another element than the one it is in');
  allow(theOne(info, 'CanonicalizationMethod'), new Set([exclusive]));
  allow(theOne(info, 'SignatureMethod'), signatureMethods);
  allow(theOne(reference, 'DigestMethod'), digestMethods);
  const steps = theOne(reference, 'Transforms').children;
  const names = new Set(steps.map((step) => attribute(step, 'Algorithm')));
  if (names.size !== steps.length) throw new SamlRefused('signature_form', 'a transform more than once');
  for (const step of steps) {
    if (!isNamed(step, 'signature', 'Transform')) throw new SamlRefused('signature_form', step.name);
    allow(step, transforms);
  }
}

function theOne(parent: XmlElement, name: string): XmlElement {
  const all = [...within(parent)].filter((element) => element.name === name);
  const child = onlyChild(parent, 'signature', name);
  if (child === null || all.length !== 1) throw new SamlRefused('signature_form', `not exactly one ${name}`);
  return child;
}

function allow(element: XmlElement, algorithms: ReadonlySet<string>): void {
  const algorithm = attribute(element, 'Algorithm') ?? 'none';
  if (!algorithms.has(algorithm)) throw new SamlRefused('algorithm_refused', `${element.name} ${algorithm}`);
}
