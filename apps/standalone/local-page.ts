import type { Addresses } from '#libs/platform/addresses.js';
import { escapeHtml } from '#libs/platform/plain-page.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:40rem;margin:4rem auto;padding:0 1rem}
a{display:block;padding:1rem;border:1px solid #8884;border-radius:12px;margin:.75rem 0;text-decoration:none;color:inherit}
a:hover,a:focus-visible{border-color:currentColor}small{opacity:.75}code{font-size:.9em}`;

/** What a browser on this machine sees at http://localhost: the tenants, and how to get in. */
export function localPage(tenants: readonly Tenant[], addresses: Addresses): string {
  const links = tenants.map((tenant) => {
    const { chat } = addresses.primary(tenant);
    return `<a href="${escapeHtml(chat)}"><strong>${escapeHtml(tenant.manifest.displayName)}</strong><br><small>${escapeHtml(chat)}</small></a>`;
  });
  const body =
    links.length > 0
      ? links.join('')
      : '<p>There is no organisation yet. Put a tenant manifest into the folder named by <code>--tenants</code>.</p>';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Whisper</title><style>${style}</style></head>
<body><main><h1>Organisations on this machine</h1>${body}<p><small>A sign-in link of an owner: <code>npm run -s whisper -- link --tenant NAME</code></small></p></main></body></html>`;
}
