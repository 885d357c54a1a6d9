import {
  ChartColumn,
  Cpu,
  KeyRound,
  FolderSync,
  Fingerprint,
  LayoutDashboard,
  Palette,
  ScrollText,
  ShieldCheck,
  SlidersHorizontal,
  Users,
  UsersRound,
  type LucideIcon,
} from 'lucide-react';
import type { ComponentType } from 'react';
import { AuditPage } from '../audit/audit-page.js';
import { BrandingPage } from '../branding/branding-page.js';
import { GroupsPage } from '../directory/groups-page.js';
import { ScimPage } from '../directory/scim-page.js';
import { KeysPage } from '../keys/keys-page.js';
import { ModelsPage } from '../models/models-page.js';
import { OverviewPage } from '../overview/overview-page.js';
import { PeoplePage } from '../people/people-page.js';
import { RolesPage } from '../roles/roles-page.js';
import { SettingsPage } from '../settings/settings-page.js';
import { SsoPage } from '../sso/sso-page.js';
import { UsagePage } from '../usage/usage-page.js';

interface AdminPage {
  /** As in the reply of GET /api/me. */
  readonly id: string;
  readonly path: string;
  readonly icon: LucideIcon;
  readonly Page: ComponentType;
}

/** The pages in the order of the navigation. */
export const adminPages: readonly AdminPage[] = [
  { id: 'overview', path: '/', icon: LayoutDashboard, Page: OverviewPage },
  { id: 'usage', path: '/usage', icon: ChartColumn, Page: UsagePage },
  { id: 'people', path: '/people', icon: Users, Page: PeoplePage },
  { id: 'groups', path: '/groups', icon: UsersRound, Page: GroupsPage },
  { id: 'roles', path: '/roles', icon: ShieldCheck, Page: RolesPage },
  { id: 'models', path: '/models', icon: Cpu, Page: ModelsPage },
  { id: 'sso', path: '/sso', icon: Fingerprint, Page: SsoPage },
  { id: 'scim', path: '/scim', icon: FolderSync, Page: ScimPage },
  { id: 'keys', path: '/keys', icon: KeyRound, Page: KeysPage },
  { id: 'branding', path: '/branding', icon: Palette, Page: BrandingPage },
  { id: 'audit', path: '/audit', icon: ScrollText, Page: AuditPage },
  { id: 'settings', path: '/settings', icon: SlidersHorizontal, Page: SettingsPage },
];
