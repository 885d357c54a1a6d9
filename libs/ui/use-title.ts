import { useEffect } from 'react';
import { boot } from './boot.js';

/** Names the page in the tab and in the history; an empty name leaves the organisation's. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? boot.branding.displayName : `${title} · ${boot.branding.displayName}`;
  }, [title]);
}
