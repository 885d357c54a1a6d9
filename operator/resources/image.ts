import type { PlatformSpec } from '#libs/contracts/platform-spec.js';

/** The image of `version`. The digest and the tag that were named are those of the platform's own version. */
export function imageOf({ image, version: own }: PlatformSpec, version: string): string {
  const repository = image.registry === undefined ? image.repository : `${image.registry}/${image.repository}`;
  if (version !== own) return `${repository}:${version}`;
  return image.digest === undefined ? `${repository}:${image.tag ?? version}` : `${repository}@${image.digest}`;
}
