import { scimSchemas } from '#libs/contracts/scim-views.js';
import { ScimError } from '../../domain/scim/scim-error.js';
import type { TenantOrigins } from '../../ports/tenant-origins.js';
import type { ScimGate, ScimVisitor } from './scim-gate.js';

interface Described {
  readonly id: string;
  readonly [attribute: string]: unknown;
}

type Kind = 'string' | 'boolean' | 'complex' | 'reference';

interface AttributeOptions {
  readonly isRequired?: boolean;
  readonly isMany?: boolean;
  readonly isReadOnly?: boolean;
  readonly isUnique?: boolean;
  readonly subs?: readonly object[];
}

/** An attribute as RFC 7643, section 7 describes one. */
function attribute(name: string, type: Kind = 'string', options: AttributeOptions = {}): object {
  return {
    name,
    type,
    multiValued: options.isMany ?? false,
    description: name,
    required: options.isRequired ?? false,
    caseExact: false,
    mutability: options.isReadOnly === true ? 'readOnly' : 'readWrite',
    returned: 'default',
    uniqueness: options.isUnique === true ? 'server' : 'none',
    ...(options.subs === undefined ? {} : { subAttributes: options.subs }),
  };
}

const words = (...names: string[]) => names.map((name) => attribute(name));
const listed = [...words('value', 'display', 'type'), attribute('primary', 'boolean')];
const references = [attribute('value'), attribute('display', 'string', { isReadOnly: true })];

const schemas: readonly { readonly id: string; readonly name: string; readonly attributes: readonly object[] }[] = [
  {
    id: scimSchemas.user,
    name: 'User',
    attributes: [
      attribute('userName', 'string', { isRequired: true, isUnique: true }),
      attribute('name', 'complex', {
        subs: words('formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'),
      }),
      ...words('displayName', 'nickName', 'profileUrl', 'title', 'userType'),
      ...words('preferredLanguage', 'locale', 'timezone'),
      attribute('active', 'boolean'),
      attribute('emails', 'complex', { isMany: true, subs: listed }),
      attribute('phoneNumbers', 'complex', { isMany: true, subs: listed }),
      attribute('addresses', 'complex', {
        isMany: true,
        subs: words('formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country', 'type'),
      }),
      attribute('groups', 'complex', { isMany: true, isReadOnly: true, subs: references }),
    ],
  },
  {
    id: scimSchemas.group,
    name: 'Group',
    attributes: [
      attribute('displayName', 'string', { isRequired: true, isUnique: true }),
      attribute('members', 'complex', { isMany: true, subs: references }),
    ],
  },
  {
    id: scimSchemas.enterprise,
    name: 'EnterpriseUser',
    attributes: [
      ...words('employeeNumber', 'costCenter', 'organization', 'division', 'department'),
      attribute('manager', 'complex', { subs: words('value', 'displayName') }),
    ],
  },
];

/** What of SCIM 2.0 is there, told to a directory that asks (RFC 7643, sections 5 to 7). */
export class ScimDiscovery {
  constructor(
    private readonly gate: ScimGate,
    private readonly origins: TenantOrigins,
  ) {}

  /** @throws {ScimError} unauthenticated */
  config(visitor: ScimVisitor): Promise<object> {
    const no = { supported: false };
    return this.gate.run(visitor, () =>
      Promise.resolve({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
        patch: { supported: true },
        bulk: { ...no, maxOperations: 0, maxPayloadSize: 0 },
        filter: { supported: true, maxResults: 200 },
        changePassword: no,
        sort: no,
        etag: no,
        authenticationSchemes: [
          {
            type: 'oauthbearertoken',
            name: 'Bearer token',
            description: 'A token made on the admin pages, in the header Authorization.',
            primary: true,
          },
        ],
        meta: { resourceType: 'ServiceProviderConfig', location: `${this.base(visitor)}/ServiceProviderConfig` },
      }),
    );
  }

  /** @throws {ScimError} unauthenticated */
  schemas(visitor: ScimVisitor): Promise<readonly Described[]> {
    const base = this.base(visitor);
    return this.gate.run(visitor, () =>
      Promise.resolve(
        schemas.map((schema) => ({
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
          ...schema,
          description: schema.name,
          meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
        })),
      ),
    );
  }

  /** @throws {ScimError} unauthenticated */
  resourceTypes(visitor: ScimVisitor): Promise<readonly Described[]> {
    const base = this.base(visitor);
    const described = (name: string, schema: string, extensions: readonly object[]) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: name,
      name,
      description: name,
      endpoint: `/${name}s`,
      schema,
      schemaExtensions: extensions,
      meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
    });
    return this.gate.run(visitor, () =>
      Promise.resolve([
        described('User', scimSchemas.user, [{ schema: scimSchemas.enterprise, required: false }]),
        described('Group', scimSchemas.group, []),
      ]),
    );
  }

  private base({ tenantHost }: ScimVisitor): string {
    return `${this.origins.at(tenantHost).chat}/scim/v2`;
  }
}

/** @throws {ScimError} not_found */
export function describedBy(all: readonly Described[], id: string): Described {
  const found = all.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (found === undefined) throw new ScimError('not_found', `There is no ${id.slice(0, 100)}.`);
  return found;
}
