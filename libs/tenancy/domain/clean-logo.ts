import { AppError } from '#libs/kernel/errors.js';
import { sanitiseSvg } from './sanitise-svg.js';

const dataUri = /^data:image\/(svg\+xml|png);base64,([A-Za-z0-9+/]+=*)$/;
const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const mostBytes = 64 * 1024;

/**
 * A logo as it may be served: an SVG sanitised, a PNG that is one.
 * @throws {AppError} bad_request for everything else
 */
export function cleanLogo(logo: string): string {
  const [, type, data] = dataUri.exec(logo) ?? [];
  if (type === undefined || data === undefined) throw refuse('must be a base64 data URI of an SVG or PNG image');
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > mostBytes) throw refuse('must have at most 64 KB');
  if (type === 'svg+xml') {
    const clean = sanitiseSvg(bytes.toString('utf8'));
    return `data:image/svg+xml;base64,${Buffer.from(clean, 'utf8').toString('base64')}`;
  }
  if (!bytes.subarray(0, pngSignature.length).equals(pngSignature)) throw refuse('is no PNG image');
  return logo;
}

function refuse(problem: string): AppError {
  return new AppError('bad_request', `The logo ${problem}.`, { field: 'branding.logo' });
}
