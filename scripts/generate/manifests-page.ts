import { manifestApiVersion, ManifestName } from '#libs/contracts/manifest-parts.js';
import type { Definition } from './custom-resource.js';
import { rowsOf } from './field-rows.js';
import { schemaNode } from './json-schema.js';
import { page, table } from './markdown.js';
import { resourceKinds } from './resource-kinds.js';

function section({ kind, about, spec, shortName, scale }: Definition): string {
  const rows = [...rowsOf('metadata.name', schemaNode(ManifestName), true), ...rowsOf('spec', schemaNode(spec), true)];
  const scaled = scale === undefined ? '' : ' `kubectl scale` sets `spec.replicas`.';
  return [
    `## ${kind}`,
    `${about} In a cluster: \`kubectl get ${shortName}\`.${scaled}`,
    table(['field', 'type', 'required', 'bounds', 'meaning'], rows),
  ].join('\n\n');
}

/** `docs/reference/manifests.md`. */
export function manifestsPage(): string {
  return page(
    'Manifests',
    `Every manifest has \`apiVersion: ${manifestApiVersion}\`, a \`kind\`, \`metadata.name\` and \`spec\`. A file may hold several, parted by \`---\`. ` +
      'A field that is not named here is an error. A field of a tenant that is set here is read-only on the admin page; one left out may be set there.',
    'On one machine the folder of manifests holds the kinds WhisperTenant and ModelBackend. All four are objects of a cluster, none of them in a namespace.',
    ...resourceKinds.map(section),
  );
}
