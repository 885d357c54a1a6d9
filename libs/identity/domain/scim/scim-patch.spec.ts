import { describe, expect, it } from '@jest/globals';
import { readFilter } from './scim-path.js';
import { patched, type ScimOperation } from './scim-patch.js';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ada = {
  userName: 'ada@acme.example',
  active: true,
  name: { givenName: 'Ada' },
  emails: [{ value: 'ada@acme.example', type: 'work', primary: true }],
};
const crowd = { displayName: 'Crowd', members: [{ value: 'a' }, { value: 'b' }] };

describe('a PATCH', () => {
  it.each<[string, object, ScimOperation[], object]>([
    ['Okta: value without path', ada, [{ op: 'replace', value: { active: false } }], { active: false }],
    ['Entra: capital letters and text', ada, [{ op: 'Replace', path: 'active', value: 'False' }], { active: 'False' }],
    [
      'Entra: paths as keys',
      ada,
      [{ op: 'Add', value: { 'name.familyName': 'King', [`${enterprise}:department`]: 'Maths' } }],
      { name: { givenName: 'Ada', familyName: 'King' }, [enterprise]: { department: 'Maths' } },
    ],
    [
      'Entra: a filter in the path',
      ada,
      [{ op: 'Replace', path: 'emails[type eq "work"].value', value: 'king@acme.example' }],
      { emails: [{ value: 'king@acme.example', type: 'work', primary: true }] },
    ],
    [
      'a filter that fits nothing makes what it names',
      { userName: 'x' },
      [{ op: 'add', path: 'emails[type eq "work"].value', value: 'x@acme.example' }],
      { emails: [{ type: 'work', value: 'x@acme.example' }] },
    ],
    [
      'full names of core attributes',
      ada,
      [{ op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:active', value: false }],
      { active: false },
    ],
    ['other case', ada, [{ op: 'REPLACE', path: 'USERNAME', value: 'x' }], { userName: 'x' }],
    [
      'an extension',
      ada,
      [{ op: 'add', path: enterprise, value: { manager: { value: 'm' } } }],
      { [enterprise]: { manager: { value: 'm' } } },
    ],
    [
      'members, once each',
      crowd,
      [{ op: 'add', path: 'members', value: [{ value: 'b' }, { value: 'c' }] }],
      { members: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] },
    ],
    [
      'Okta: a member by filter',
      crowd,
      [{ op: 'remove', path: 'members[value eq "a"]' }],
      { members: [{ value: 'b' }] },
    ],
    [
      'Entra: members by value',
      crowd,
      [{ op: 'Remove', path: 'members', value: [{ value: 'a' }] }],
      { members: [{ value: 'b' }] },
    ],
    ['all members', crowd, [{ op: 'replace', path: 'members', value: [] }], { members: [] }],
    [
      'Okta: the name beside an id',
      crowd,
      [{ op: 'replace', value: { id: 'g', displayName: 'New' } }],
      { displayName: 'New' },
    ],
  ])('%s', (_case, before, operations, expected) => {
    expect(patched(before as Record<string, unknown>, operations)).toMatchObject(expected);
  });

  it('takes an attribute away', () => {
    expect(patched(ada, [{ op: 'remove', path: 'name.givenName' }])).toMatchObject({ name: {} });
    expect(patched(crowd, [{ op: 'remove', path: 'members' }])).not.toHaveProperty('members');
  });

  it('leaves what it was given as it was', () => {
    const before = structuredClone(ada);
    patched(ada, [{ op: 'replace', path: 'emails[type eq "work"].value', value: 'x' }]);
    expect(ada).toEqual(before);
  });

  it.each<[string, ScimOperation, string]>([
    ['an unknown operation', { op: 'move', path: 'active', value: true }, 'invalidSyntax'],
    ['to remove nothing', { op: 'remove' }, 'noTarget'],
    ['a value without path that is no object', { op: 'add', value: 'x' }, 'invalidSyntax'],
    ['a path of another form', { op: 'add', path: 'emails[', value: 'x' }, 'invalidPath'],
    ['a filter of another form', { op: 'add', path: 'emails[type pr]', value: 'x' }, 'invalidFilter'],
  ])('is refused for %s', (_case, operation, scimType) => {
    expect(() => patched(ada, [operation])).toThrow(expect.objectContaining({ scimType }));
  });

  it('cannot reach the prototype of objects', () => {
    const after = patched({}, [{ op: 'add', value: JSON.parse('{"name":{"__proto__":{"polluted":1}}}') as object }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(after).toBeDefined();
  });
});

describe('a filter', () => {
  it.each([
    ['userName eq "ada@acme.example"', [{ attribute: 'username', value: 'ada@acme.example' }]],
    [
      'type EQ "work" and primary eq True',
      [
        { attribute: 'type', value: 'work' },
        { attribute: 'primary', value: true },
      ],
    ],
    ['displayName eq "Sales and \\"More\\""', [{ attribute: 'displayname', value: 'Sales and "More"' }]],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "x"', [{ attribute: 'username', value: 'x' }]],
  ])('%s', (text, expected) => {
    expect(readFilter(text)).toEqual(expected);
  });

  it.each(['', 'userName', 'userName co "x"', 'userName eq x', 'a eq "x" or b eq "y"', 'userName eq "x'])(
    'is refused: %s',
    (text) => {
      expect(() => readFilter(text)).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
    },
  );
});
