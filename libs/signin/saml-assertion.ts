import { SamlRefused } from './saml-refused.js';
import { attribute, childrenOf, isNamed, momentOf, onlyChild, parseXml, type XmlElement } from './saml-xml.js';

export interface SamlNameId {
  readonly value: string;
  readonly format: string | null;
  readonly nameQualifier: string | null;
  readonly spNameQualifier: string | null;
}

/** An attempt to say who may show the assertion. */
export interface SamlConfirmation {
  readonly method: string | null;
  readonly recipient: string | null;
  readonly inResponseTo: string | null;
  readonly notBefore: string | null;
  readonly notOnOrAfter: string | null;
}

/** What a verified assertion says. Moments are texts until they are judged: one that cannot be read is no moment. */
export interface SamlAssertion {
  readonly id: string | null;
  readonly version: string | null;
  readonly issuer: string | null;
  readonly issuedAt: string | null;
  readonly nameId: SamlNameId | null;
  readonly confirmations: readonly SamlConfirmation[];
  readonly conditions: readonly {
    readonly notBefore: string | null;
    readonly notOnOrAfter: string | null;
    /** One list for each restriction; all of them must name us. */
    readonly audiences: readonly (readonly string[])[];
    /** Conditions that nobody here knows, which SAML forbids to overlook. */
    readonly unknown: readonly string[];
  }[];
  readonly statements: readonly {
    readonly authenticatedAt: string | null;
    readonly session: string | null;
    readonly endsAt: string | null;
  }[];
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

const knownConditions = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']);

/** Reads an assertion whose signature was verified. @throws {SamlRefused} */
export function readAssertion(verifiedXml: string): SamlAssertion {
  const root = parseXml(verifiedXml);
  if (!isNamed(root, 'assertion', 'Assertion')) throw new SamlRefused('assertions_not_one', root.name);
  const subject = onlyChild(root, 'assertion', 'Subject');
  return {
    id: attribute(root, 'ID'),
    version: attribute(root, 'Version'),
    issuer: onlyChild(root, 'assertion', 'Issuer')?.text.trim() ?? null,
    issuedAt: attribute(root, 'IssueInstant'),
    nameId: nameIdOf(onlyChild(subject, 'assertion', 'NameID')),
    confirmations: (subject === null ? [] : childrenOf(subject, 'assertion', 'SubjectConfirmation')).map(
      confirmationOf,
    ),
    conditions: childrenOf(root, 'assertion', 'Conditions').map(conditionsOf),
    statements: childrenOf(root, 'assertion', 'AuthnStatement').map((statement) => ({
      authenticatedAt: attribute(statement, 'AuthnInstant'),
      session: attribute(statement, 'SessionIndex'),
      endsAt: attribute(statement, 'SessionNotOnOrAfter'),
    })),
    attributes: attributesOf(root),
  };
}

/** Who a NameID names; null for one that is missing or empty. */
export function nameIdOf(element: XmlElement | null): SamlNameId | null {
  const value = element?.text.trim() ?? '';
  if (value === '' || value.length > 512) return null;
  return {
    value,
    format: attribute(element, 'Format'),
    nameQualifier: attribute(element, 'NameQualifier'),
    spNameQualifier: attribute(element, 'SPNameQualifier'),
  };
}

function confirmationOf(confirmation: XmlElement): SamlConfirmation {
  const data = onlyChild(confirmation, 'assertion', 'SubjectConfirmationData');
  return {
    method: attribute(confirmation, 'Method'),
    recipient: attribute(data, 'Recipient'),
    inResponseTo: attribute(data, 'InResponseTo'),
    notBefore: attribute(data, 'NotBefore'),
    notOnOrAfter: attribute(data, 'NotOnOrAfter'),
  };
}

function conditionsOf(conditions: XmlElement): SamlAssertion['conditions'][number] {
  return {
    notBefore: attribute(conditions, 'NotBefore'),
    notOnOrAfter: attribute(conditions, 'NotOnOrAfter'),
    audiences: childrenOf(conditions, 'assertion', 'AudienceRestriction').map((restriction) =>
      childrenOf(restriction, 'assertion', 'Audience').map(({ text }) => text.trim()),
    ),
    unknown: conditions.children.filter((child) => !knownConditions.has(child.name)).map(({ name }) => name),
  };
}

function attributesOf(root: XmlElement): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  for (const statement of childrenOf(root, 'assertion', 'AttributeStatement'))
    for (const one of childrenOf(statement, 'assertion', 'Attribute')) {
      const name = attribute(one, 'Name') ?? '';
      const values = childrenOf(one, 'assertion', 'AttributeValue').map(({ text }) => text.trim());
      all.set(name, [...(all.get(name) ?? []), ...values]);
    }
  return all;
}

/** A moment of a verified message. @throws {SamlRefused} time_unreadable */
export function requiredMoment(text: string | null, what: string): Date {
  const moment = momentOf(text);
  if (moment === null) throw new SamlRefused('time_unreadable', `${what} is ${text ?? 'missing'}`);
  return moment;
}
