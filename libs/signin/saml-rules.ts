import { requiredMoment, type SamlAssertion, type SamlConfirmation } from './saml-assertion.js';
import { SamlRefused } from './saml-refused.js';
import { attribute, onlyChild, type XmlElement } from './saml-xml.js';

/** How far a provider's clock may be off, in ms. */
export const skewMs = 60_000;
/** Longest way of an assertion from the provider to us, in ms: as long as somebody may take to sign in there. */
export const longestWayMs = 10 * 60_000;
/** Oldest sign-in at the provider that is taken, in ms. Providers keep people signed in for up to 90 days. */
const oldestSignInMs = 90 * 24 * 60 * 60_000;

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** What an assertion must say to be for us, now. */
export interface SamlExpectations {
  /** Entity id of the provider. */
  readonly issuer: string;
  /** Our own entity id. */
  readonly audience: string;
  /** Where the assertion was shown. */
  readonly recipient: string;
  /** The request it answers; null where the provider began. */
  readonly request: { readonly id: string; readonly askedAt: Date } | null;
  readonly now: Date;
}

/**
 * The second look at a response: its own attributes may only refuse, since nobody need have signed them.
 * @throws {SamlRefused} destination_wrong, issuer_wrong, in_response_to_wrong, unsolicited
 */
export function judgeResponse(root: XmlElement, expected: SamlExpectations): void {
  const destination = attribute(root, 'Destination');
  if (destination !== expected.recipient) throw new SamlRefused('destination_wrong', destination ?? 'none');
  const issuer = onlyChild(root, 'assertion', 'Issuer')?.text.trim() ?? null;
  if (issuer !== null && issuer !== expected.issuer) throw new SamlRefused('issuer_wrong', issuer);
  judgeRequest(attribute(root, 'InResponseTo'), expected);
}

/**
 * The second look at a verified assertion: from whom, for whom, when, in answer to what.
 * @throws {SamlRefused} that says what does not fit
 */
export function judgeAssertion(assertion: SamlAssertion, expected: SamlExpectations): void {
  if (assertion.version !== '2.0' || assertion.id === null) throw new SamlRefused('assertion_form', 'Version or ID');
  if (assertion.issuer !== expected.issuer) throw new SamlRefused('issuer_wrong', assertion.issuer ?? 'none');
  judgeAge(requiredMoment(assertion.issuedAt, 'IssueInstant'), expected);
  judgeSubject(assertion);
  judgeConfirmation(assertion.confirmations, expected);
  judgeConditions(assertion, expected);
  judgeStatements(assertion, expected.now);
}

function judgeRequest(inResponseTo: string | null, { request }: SamlExpectations): void {
  if (request === null && inResponseTo !== null)
    throw new SamlRefused('unsolicited', 'it answers a request that is not under way in this browser');
  if (request !== null && inResponseTo !== request.id)
    throw new SamlRefused('in_response_to_wrong', inResponseTo ?? 'it answers no request');
}

/** Clocks that disagree are the commonest reason of all, and look like a dozen others. */
function judgeAge(issuedAt: Date, { request, now }: SamlExpectations): void {
  const ahead = issuedAt.getTime() - now.getTime();
  if (ahead > skewMs) throw new SamlRefused('clock_off', `the provider's clock is ${seconds(ahead)} ahead of ours`);
  const behind = (request?.askedAt.getTime() ?? 0) - issuedAt.getTime();
  if (behind > skewMs)
    throw new SamlRefused('clock_off', `the provider's clock is ${seconds(behind)} behind ours, or it answers anew`);
  if (-ahead > longestWayMs + skewMs) throw new SamlRefused('too_old', `made ${seconds(-ahead)} ago`);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} seconds`;
}

function judgeSubject({ nameId }: SamlAssertion): void {
  if (nameId === null) throw new SamlRefused('subject_missing', 'no NameID that can be read');
  if (nameId.format === transient)
    throw new SamlRefused('subject_transient', 'the NameID changes with each sign-in; set it to persistent or e-mail');
}

function judgeConfirmation(confirmations: readonly SamlConfirmation[], expected: SamlExpectations): void {
  const [confirmation] = confirmations;
  if (confirmation === undefined || confirmations.length > 1 || confirmation.method !== bearer)
    throw new SamlRefused('confirmation_not_one_bearer', confirmations.map(({ method }) => method).join(' '));
  if (confirmation.recipient !== expected.recipient)
    throw new SamlRefused('recipient_wrong', confirmation.recipient ?? 'none');
  if (confirmation.notBefore !== null)
    throw new SamlRefused('confirmation_form', 'NotBefore has no place in a bearer confirmation');
  judgePeriod(null, requiredMoment(confirmation.notOnOrAfter, 'NotOnOrAfter'), expected.now);
  if (confirmation.inResponseTo !== null || expected.request !== null)
    judgeRequest(confirmation.inResponseTo, expected);
}

function judgeConditions({ conditions }: SamlAssertion, { audience, now }: SamlExpectations): void {
  const [only] = conditions;
  if (only === undefined || conditions.length > 1) throw new SamlRefused('conditions_missing');
  if (only.unknown.length > 0) throw new SamlRefused('conditions_unknown', only.unknown.join(' '));
  if (only.audiences.length === 0) throw new SamlRefused('audience_wrong', 'none named');
  const other = only.audiences.find((names) => !names.includes(audience));
  if (other !== undefined) throw new SamlRefused('audience_wrong', other.join(' '));
  const from = only.notBefore === null ? null : requiredMoment(only.notBefore, 'NotBefore');
  judgePeriod(from, only.notOnOrAfter === null ? null : requiredMoment(only.notOnOrAfter, 'NotOnOrAfter'), now);
}

function judgeStatements({ statements }: SamlAssertion, now: Date): void {
  if (statements.length === 0) throw new SamlRefused('sign_in_missing', 'no AuthnStatement');
  for (const { authenticatedAt, endsAt } of statements) {
    const at = requiredMoment(authenticatedAt, 'AuthnInstant');
    const age = now.getTime() - at.getTime();
    if (age < -skewMs) throw new SamlRefused('clock_off', `somebody signed in there in ${seconds(-age)} from now`);
    if (age > oldestSignInMs) throw new SamlRefused('sign_in_too_old', at.toISOString());
    if (endsAt !== null) judgePeriod(null, requiredMoment(endsAt, 'SessionNotOnOrAfter'), now);
  }
}

function judgePeriod(from: Date | null, until: Date | null, now: Date): void {
  if (from !== null && from.getTime() - skewMs > now.getTime())
    throw new SamlRefused('not_yet_valid', `until ${from.toISOString()}; our clock says ${now.toISOString()}`);
  if (until !== null && until.getTime() + skewMs <= now.getTime())
    throw new SamlRefused('expired', `at ${until.toISOString()}; our clock says ${now.toISOString()}`);
}
