import { useTranslation } from 'react-i18next';

/** Translates a key; `count` picks the plural. */
export type Text = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** The words of the page, and the locale they are in. */
export function useText(): { readonly text: Text; readonly locale: string } {
  const { t, i18n } = useTranslation();
  return { text: (key, values) => t(key, values ?? {}), locale: i18n.language };
}
