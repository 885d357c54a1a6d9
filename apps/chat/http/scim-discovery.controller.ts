import { Controller, Get, Headers, Inject, Param } from '@nestjs/common';
import {
  scimConfig,
  scimGetResourceType,
  scimGetSchema,
  scimListResourceTypes,
  scimListSchemas,
} from '#libs/contracts/scim-api.js';
import { describedBy, ScimDiscovery } from '#libs/identity/app/scim/scim-discovery.js';
import { type Caller, CallerParam } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { scimList, scimVisitor } from './scim-views.js';

type Id = { readonly id: string };

/** What of SCIM is there, for the organisation's directory. */
@Controller()
export class ScimDiscoveryController {
  constructor(@Inject(ScimDiscovery) private readonly discovery: ScimDiscovery) {}

  @Get(scimConfig.path)
  @Returns(scimConfig)
  config(@CallerParam() caller: Caller, @Headers('authorization') token: string | undefined): Promise<object> {
    return this.discovery.config(scimVisitor(caller, token));
  }

  @Get(scimListSchemas.path)
  @Returns(scimListSchemas)
  async schemas(@CallerParam() caller: Caller, @Headers('authorization') token: string | undefined) {
    const items = await this.discovery.schemas(scimVisitor(caller, token));
    return scimList({ items, total: items.length, startIndex: 1 });
  }

  @Get(scimGetSchema.path)
  @Returns(scimGetSchema)
  async schema(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimGetSchema.params }) { id }: Id,
  ): Promise<object> {
    return describedBy(await this.discovery.schemas(scimVisitor(caller, token)), id);
  }

  @Get(scimListResourceTypes.path)
  @Returns(scimListResourceTypes)
  async resourceTypes(@CallerParam() caller: Caller, @Headers('authorization') token: string | undefined) {
    const items = await this.discovery.resourceTypes(scimVisitor(caller, token));
    return scimList({ items, total: items.length, startIndex: 1 });
  }

  @Get(scimGetResourceType.path)
  @Returns(scimGetResourceType)
  async resourceType(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimGetResourceType.params }) { id }: Id,
  ): Promise<object> {
    return describedBy(await this.discovery.resourceTypes(scimVisitor(caller, token)), id);
  }
}
