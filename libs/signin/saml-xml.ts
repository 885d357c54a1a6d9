import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { SamlRefused } from './saml-refused.js';

/** Most bytes of a message; a response with a hundred groups has 20 kB. */
export const mostXmlBytes = 256 * 1024;
/** Deepest nesting; a response has twelve levels, and what walks a tree later may recurse. */
const deepest = 40;

export const namespaces = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
} as const;
export type NamespaceName = keyof typeof namespaces;

/** An element as plain data: nothing that is done to it changes what was parsed. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text within, comments left out, exactly as written. */
  readonly text: string;
  /** The element as a document of its own. */
  readonly source: () => string;
}

/**
 * Parses a document without a DTD. The parser is the one that node-saml uses, so that both see the same tree; what it
 * would repair is refused here.
 * @throws {SamlRefused} too_large, dtd, not_xml
 */
export function parseXml(text: string): XmlElement {
  if (Buffer.byteLength(text) > mostXmlBytes) throw new SamlRefused('too_large', `more than ${mostXmlBytes} bytes`);
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new SamlRefused('dtd', 'a document type definition is never read');
  const refuse = (message: unknown): never => {
    throw new SamlRefused('not_xml', String(message).split('\n')[0]);
  };
  const errorHandler = { warning: refuse, error: refuse, fatalError: refuse };
  const document = new DOMParser({ locator: {}, errorHandler }).parseFromString(text, 'text/xml') as
    Document | undefined;
  const roots = document === undefined ? [] : elementsIn(document);
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw new SamlRefused('not_xml', 'a document has one root');
  return plain(root, 0);
}

function plain(element: Element, depth: number): XmlElement {
  if (depth > deepest) throw new SamlRefused('not_xml', 'nested too deeply');
  const attributes = new Map<string, string>();
  for (let index = 0; index < element.attributes.length; index += 1) {
    const attribute = element.attributes[index];
    if (attribute !== undefined && attribute.prefix !== 'xmlns') attributes.set(attribute.name, attribute.value);
  }
  return {
    namespace: element.namespaceURI ?? '',
    name: element.localName,
    attributes,
    children: elementsIn(element).map((child) => plain(child, depth + 1)),
    text: element.textContent,
    source: () => new XMLSerializer().serializeToString(element),
  };
}

const elementNode = 1;
const instructionNode = 7;

function elementsIn(parent: Node): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    const isDeclaration = node.nodeName === 'xml' && parent.nodeType !== elementNode;
    if (node.nodeType === instructionNode && !isDeclaration)
      throw new SamlRefused('not_xml', 'processing instructions are never read');
    if (node.nodeType === elementNode) found.push(node as Element);
  }
  return found;
}

/** Whether an element has this name in this namespace. */
export function isNamed(element: XmlElement, namespace: NamespaceName, name: string): boolean {
  return element.name === name && element.namespace === namespaces[namespace];
}

/** Children of that name, in order. */
export function childrenOf(element: XmlElement, namespace: NamespaceName, name: string): readonly XmlElement[] {
  return element.children.filter((child) => isNamed(child, namespace, name));
}

/** The only child of that name; null when there is none or more than one. */
export function onlyChild(element: XmlElement | null, namespace: NamespaceName, name: string): XmlElement | null {
  const found = element === null ? [] : childrenOf(element, namespace, name);
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** The element and everything below it. */
export function* within(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* within(child);
}

/** The text of an attribute; null when it is not there. */
export function attribute(element: XmlElement | null, name: string): string | null {
  return element?.attributes.get(name) ?? null;
}

/** A moment as XML writes it, with its time zone; null for anything else. */
export function momentOf(text: string | null): Date | null {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? null : moment;
}
