import type { PlatformSpec } from '#libs/contracts/platform-spec.js';

/** The image of a version, as it was when that was the version of the platform. */
export interface VersionImage {
  readonly version: string;
  readonly image: string;
}

/**
 * The image of `version`. The digest and the tag that are named are those of the platform's own version; another
 * version has the image that is `known` of it, else its own tag.
 */
export function imageOf(
  { image, version: own }: PlatformSpec,
  version: string,
  known: readonly VersionImage[] = [],
): string {
  const repository = image.registry === undefined ? image.repository : `${image.registry}/${image.repository}`;
  if (version !== own) return known.find((one) => one.version === version)?.image ?? `${repository}:${version}`;
  return image.digest === undefined ? `${repository}:${image.tag ?? version}` : `${repository}@${image.digest}`;
}

/** The status holds no more of them. */
const mostImages = 64;

/** What is to be known of images from now on: that of the platform's version, and those of versions still in `use`. */
export function knownImages(
  platform: PlatformSpec,
  before: readonly VersionImage[],
  use: ReadonlySet<string>,
): readonly VersionImage[] {
  const others = before.filter(({ version }) => version !== platform.version && use.has(version));
  const own = { version: platform.version, image: imageOf(platform, platform.version) };
  return [...others, own].slice(-mostImages);
}
