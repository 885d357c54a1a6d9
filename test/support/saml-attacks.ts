import { DOMParser, XMLSerializer } from '@xmldom/xmldom';

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const saml = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const evilName = 'mallory@acme.example';

/** A response, its one assertion and the signature in it, to be moved about. */
class Parts {
  readonly document: Document;
  readonly response: Element;
  readonly assertion: Element;

  constructor(xml: string) {
    this.document = new DOMParser().parseFromString(xml, 'text/xml');
    this.response = this.document.documentElement;
    this.assertion = this.response.getElementsByTagNameNS(saml, 'Assertion')[0]!;
  }

  signatureOf(element: Element): Element {
    return element.getElementsByTagNameNS(dsig, 'Signature')[0]!;
  }

  /** A copy of an element that names somebody else, without its signature, under another id. */
  evil(element: Element, id: string | null = '_evil'): Element {
    const copy = element.cloneNode(true) as Element;
    const signature = copy.getElementsByTagNameNS(dsig, 'Signature')[0];
    signature?.parentNode?.removeChild(signature);
    copy.getElementsByTagNameNS(saml, 'NameID')[0]!.textContent = evilName;
    if (id !== null) copy.setAttribute('ID', id);
    return copy;
  }

  bare(element: Element): Element {
    const copy = element.cloneNode(true) as Element;
    const signature = copy.getElementsByTagNameNS(dsig, 'Signature')[0];
    signature?.parentNode?.removeChild(signature);
    return copy;
  }

  toString(root: Node = this.document): string {
    return new XMLSerializer().serializeToString(root);
  }
}

type Twist = (xml: string) => string;

function move(change: (parts: Parts) => Node | undefined): Twist {
  return (xml) => {
    const parts = new Parts(xml);
    return parts.toString(change(parts));
  };
}

function objectWith(parts: Parts, content: Node): Element {
  const object = parts.document.createElementNS(dsig, 'ds:Object');
  object.appendChild(content);
  return object;
}

interface Wrapping {
  readonly signed: 'response' | 'assertion';
  readonly reason: string;
  readonly twist: Twist;
}

/**
 * XML signature wrapping, as SAML Raider names the eight ways. The first two need a signed response, the others a
 * signed assertion.
 */
export const wrappings: Readonly<Record<string, Wrapping>> = {
  'XSW1: the true response inside the signature of an evil one': {
    signed: 'response',
    reason: 'assertions_not_one',
    twist: move((parts) => {
      const evil = parts.evil(parts.response);
      const signature = parts.signatureOf(parts.response).cloneNode(true);
      signature.appendChild(parts.bare(parts.response));
      evil.insertBefore(signature, evil.firstChild);
      return evil;
    }),
  },
  'XSW2: the true response beside a detached signature': {
    signed: 'response',
    reason: 'assertions_not_one',
    twist: move((parts) => {
      const evil = parts.evil(parts.response);
      evil.insertBefore(parts.signatureOf(parts.response).cloneNode(true), evil.firstChild);
      evil.insertBefore(parts.bare(parts.response), evil.firstChild);
      return evil;
    }),
  },
  'XSW3: an evil assertion before the true one': {
    signed: 'assertion',
    reason: 'assertions_not_one',
    twist: move((parts) => void parts.response.insertBefore(parts.evil(parts.assertion), parts.assertion)),
  },
  'XSW3 with the same id': {
    signed: 'assertion',
    reason: 'assertions_not_one',
    twist: move((parts) => void parts.response.insertBefore(parts.evil(parts.assertion, null), parts.assertion)),
  },
  'XSW4: the true assertion inside an evil one': {
    signed: 'assertion',
    reason: 'assertions_not_one',
    twist: move((parts) => {
      const evil = parts.evil(parts.assertion);
      evil.appendChild(parts.assertion.cloneNode(true));
      parts.response.replaceChild(evil, parts.assertion);
      return undefined;
    }),
  },
  'XSW5: an evil assertion with the signature of the true one behind it': {
    signed: 'assertion',
    reason: 'assertions_not_one',
    twist: move((parts) => {
      const evil = parts.evil(parts.assertion);
      evil.insertBefore(parts.signatureOf(parts.assertion).cloneNode(true), evil.firstChild);
      parts.response.appendChild(parts.bare(parts.assertion));
      parts.response.replaceChild(evil, parts.assertion);
      return undefined;
    }),
  },
  'XSW6: the true assertion inside the signature of an evil one': {
    signed: 'assertion',
    reason: 'assertions_not_one',
    twist: move((parts) => {
      const evil = parts.evil(parts.assertion);
      const signature = parts.signatureOf(parts.assertion).cloneNode(true);
      signature.appendChild(parts.bare(parts.assertion));
      evil.insertBefore(signature, evil.firstChild);
      parts.response.replaceChild(evil, parts.assertion);
      return undefined;
    }),
  },
  'XSW7: an evil assertion in Extensions': {
    signed: 'assertion',
    reason: 'assertions_not_one',
    twist: move((parts) => {
      const extensions = parts.document.createElementNS('urn:oasis:names:tc:SAML:2.0:protocol', 'samlp:Extensions');
      extensions.appendChild(parts.evil(parts.assertion, null));
      parts.response.insertBefore(extensions, parts.assertion);
      return undefined;
    }),
  },
  'XSW8: the true assertion in an Object of an evil one': {
    signed: 'assertion',
    reason: 'assertions_not_one',
    twist: move((parts) => {
      const evil = parts.evil(parts.assertion, null);
      const signature = parts.signatureOf(parts.assertion).cloneNode(true);
      signature.appendChild(objectWith(parts, parts.bare(parts.assertion)));
      evil.insertBefore(signature, evil.firstChild);
      parts.response.replaceChild(evil, parts.assertion);
      return undefined;
    }),
  },
  'the true assertion hidden in Extensions': {
    signed: 'assertion',
    reason: 'assertions_not_one',
    twist: move((parts) => {
      const extensions = parts.document.createElementNS('urn:oasis:names:tc:SAML:2.0:protocol', 'samlp:Extensions');
      const evil = parts.evil(parts.assertion);
      parts.response.replaceChild(evil, parts.assertion);
      extensions.appendChild(parts.assertion);
      parts.response.insertBefore(extensions, evil);
      return undefined;
    }),
  },
};

/** Takes every signature away. */
export const stripped: Twist = (xml) => xml.replace(/<ds:Signature.*?<\/ds:Signature>/s, '');

/** A second SignedInfo, before or behind the true one, that a careless verifier may take. */
export const secondSignedInfo: Twist = (xml) => {
  const info = /<ds:SignedInfo>.*?<\/ds:SignedInfo>/s.exec(xml)?.[0] ?? '';
  return xml.replace(info, `${info}${info}`);
};

/** A transform that takes what is signed apart. */
export const extraTransform: Twist = (xml) =>
  xml.replace(
    '<ds:Transforms>',
    '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::saml:NameID)</ds:XPath></ds:Transform>',
  );

const doctype = (declarations: string) => `<!DOCTYPE Response [${declarations}]>`;

/** A file of this machine in place of a name. */
export const externalEntity: Twist = (xml) =>
  `${doctype('<!ENTITY file SYSTEM "file:///etc/hostname">')}${xml.replace(/(<saml:NameID[^>]*>)[^<]*/, '$1&file;')}`;

/** Ten lines that unfold into gigabytes. */
export const entityBomb: Twist = (xml) => {
  const lines = Array.from({ length: 9 }, (_one, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`);
  return `${doctype(`<!ENTITY l0 "lol">${lines.join('')}`)}${xml.replace(/(<saml:NameID[^>]*>)[^<]*/, '$1&l9;')}`;
};
