import { describe, expect, it } from '@jest/globals';
import type { SamlAssertion } from './saml-assertion.js';
import { judgeAssertion, type SamlExpectations } from './saml-rules.js';

const now = new Date('2026-03-01T12:00:00Z');
const at = (seconds: number): string => new Date(now.getTime() + seconds * 1_000).toISOString();
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const request = { id: '_request', askedAt: new Date(now.getTime() - 30_000) };

const expected: SamlExpectations = {
  issuer: 'https://idp.example',
  audience: 'https://acme.example/metadata',
  recipient: 'https://acme.example/acs',
  request,
  now,
};
const confirmation = {
  method: bearer,
  recipient: expected.recipient,
  inResponseTo: request.id,
  notBefore: null,
  notOnOrAfter: at(300),
};
const conditions = { notBefore: at(-60), notOnOrAfter: at(300), audiences: [[expected.audience]], unknown: [] };
const statement = { authenticatedAt: at(-10), session: 's', endsAt: null };
const nameId = { value: 'ada', format: null, nameQualifier: null, spNameQualifier: null };
const honest: SamlAssertion = {
  id: '_a',
  version: '2.0',
  issuer: expected.issuer,
  issuedAt: at(-5),
  nameId,
  confirmations: [confirmation],
  conditions: [conditions],
  statements: [statement],
  attributes: new Map(),
};

function verdict(change: Partial<SamlAssertion>, expectation: Partial<SamlExpectations> = {}): string {
  try {
    judgeAssertion({ ...honest, ...change }, { ...expected, ...expectation });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('judgeAssertion', () => {
  it.each<[string, Partial<SamlAssertion>]>([
    ['an honest assertion', {}],
    ['one among several audiences', { conditions: [{ ...conditions, audiences: [['x', expected.audience]] }] }],
    ['conditions without times', { conditions: [{ ...conditions, notBefore: null, notOnOrAfter: null }] }],
    ['a clock 60 seconds ahead', { issuedAt: at(60), conditions: [{ ...conditions, notBefore: at(60) }] }],
    ['a clock 60 seconds behind', { issuedAt: at(-90) }],
    ['an end 59 seconds ago', { confirmations: [{ ...confirmation, notOnOrAfter: at(-59) }] }],
    ['a sign-in of last month', { statements: [{ ...statement, authenticatedAt: at(-30 * 86_400) }] }],
    ['another time zone', { issuedAt: '2026-03-01T13:00:00+01:00' }],
  ])('accepts %s', (_name, change) => {
    expect(verdict(change)).toBe('accepted');
  });

  it.each<[string, Partial<SamlAssertion>, string]>([
    ['no version', { version: null }, 'assertion_form'],
    ['no id', { id: null }, 'assertion_form'],
    ['no issuer', { issuer: null }, 'issuer_wrong'],
    ['another issuer', { issuer: 'https://evil.example' }, 'issuer_wrong'],
    ['no time', { issuedAt: null }, 'time_unreadable'],
    ['a time without zone', { issuedAt: '2026-03-01T12:00:00' }, 'time_unreadable'],
    ['a time of the future', { issuedAt: at(61) }, 'clock_off'],
    ['a time before the request', { issuedAt: at(-91) }, 'clock_off'],
    ['nobody', { nameId: null }, 'subject_missing'],
    [
      'somebody who changes',
      { nameId: { ...nameId, format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' } },
      'subject_transient',
    ],
    ['no confirmation', { confirmations: [] }, 'confirmation_not_one_bearer'],
    ['two confirmations', { confirmations: [confirmation, confirmation] }, 'confirmation_not_one_bearer'],
    ['another method', { confirmations: [{ ...confirmation, method: 'x' }] }, 'confirmation_not_one_bearer'],
    ['another recipient', { confirmations: [{ ...confirmation, recipient: 'x' }] }, 'recipient_wrong'],
    ['a beginning', { confirmations: [{ ...confirmation, notBefore: at(-1) }] }, 'confirmation_form'],
    ['no end', { confirmations: [{ ...confirmation, notOnOrAfter: null }] }, 'time_unreadable'],
    ['an end 60 seconds ago', { confirmations: [{ ...confirmation, notOnOrAfter: at(-60) }] }, 'expired'],
    ['another request', { confirmations: [{ ...confirmation, inResponseTo: 'x' }] }, 'in_response_to_wrong'],
    ['no request', { confirmations: [{ ...confirmation, inResponseTo: null }] }, 'in_response_to_wrong'],
    ['no conditions', { conditions: [] }, 'conditions_missing'],
    ['two conditions', { conditions: [conditions, conditions] }, 'conditions_missing'],
    ['a condition nobody knows', { conditions: [{ ...conditions, unknown: ['X'] }] }, 'conditions_unknown'],
    ['no audience', { conditions: [{ ...conditions, audiences: [] }] }, 'audience_wrong'],
    [
      'a second restriction to others',
      { conditions: [{ ...conditions, audiences: [[expected.audience], ['x']] }] },
      'audience_wrong',
    ],
    ['conditions to come', { conditions: [{ ...conditions, notBefore: at(61) }] }, 'not_yet_valid'],
    ['conditions that are over', { conditions: [{ ...conditions, notOnOrAfter: at(-60) }] }, 'expired'],
    ['no sign-in', { statements: [] }, 'sign_in_missing'],
    ['a sign-in to come', { statements: [{ ...statement, authenticatedAt: at(61) }] }, 'clock_off'],
    [
      'a sign-in of last year',
      { statements: [{ ...statement, authenticatedAt: at(-91 * 86_400) }] },
      'sign_in_too_old',
    ],
    ['a session that is over', { statements: [{ ...statement, endsAt: at(-60) }] }, 'expired'],
  ])('refuses %s', (_name, change, code) => {
    expect(verdict(change)).toMatch(new RegExp(`^${code}`));
  });

  it.each<[string, Partial<SamlAssertion>, string]>([
    ['what answers nobody', { confirmations: [{ ...confirmation, inResponseTo: null }] }, 'accepted'],
    ['not what answers a request', {}, 'unsolicited'],
    ['not what is 11 minutes old', { issuedAt: at(-661) }, 'too_old'],
  ])('takes, where nobody asked, %s', (_name, change, code) => {
    expect(verdict(change, { request: null })).toMatch(new RegExp(`^${code}`));
  });
});
